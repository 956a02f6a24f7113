// What every client of the conformance matrix is asked to do, in Go: the event's "case" says what.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

const (
	keptFile  = "/tmp/kept"
	laterFile = "/tmp/later"
)

var nth int

type event struct {
	Case    string
	Message string
	Bytes   int
	Code    int
	Keep    string
	Log     string
	First   string
	Second  string
	Fail    string
}

// refused is the error of the handler; its name becomes the error type.
type refused struct{ message string }

func (err refused) Error() string { return err.message }

// stream hands out two parts, or fails instead of the second.
type stream struct {
	parts []string
	fail  string
}

func (it *stream) ContentType() string { return "text/plain; charset=utf-8" }

func (it *stream) Read(into []byte) (int, error) {
	if len(it.parts) == 0 {
		return 0, io.EOF
	}
	if len(it.parts) == 1 && it.fail != "" {
		return 0, refused{it.fail}
	}
	read := copy(into, it.parts[0])
	it.parts = it.parts[1:]
	return read, nil
}

// large is a JSON string of so many bytes that is never in memory as a whole.
func large(bytes int) io.Reader {
	return strings.NewReader("\"" + strings.Repeat("x", bytes-2) + "\"")
}

func read(path string) *string {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	text := string(content)
	return &text
}

// write makes a file that nobody finds half written.
func write(path, text string) {
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		panic(err)
	}
}

// facts are the event, and what the client says about the invocation.
func facts(ctx context.Context, raw json.RawMessage) any {
	it, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	found := map[string]any{
		"event":            raw,
		"nth":              nth,
		"kept":             read(keptFile),
		"later":            read(laterFile),
		"request_id":       it.AwsRequestID,
		"arn":              it.InvokedFunctionArn,
		"remaining_ms":     time.Until(deadline).Milliseconds(),
		"function_name":    lambdacontext.FunctionName,
		"function_version": lambdacontext.FunctionVersion,
		"memory_mb":        lambdacontext.MemoryLimitInMB,
		"log_group":        lambdacontext.LogGroupName,
		"log_stream":       lambdacontext.LogStreamName,
		"trace_id":         ctx.Value("x-amzn-trace-id"),
		"tenant":           nil,
		"client":           nil,
		"identity":         nil,
	}
	if it.TenantID != "" {
		found["tenant"] = it.TenantID
	}
	if client := it.ClientContext; client.Client.InstallationID != "" {
		found["client"] = map[string]any{
			"installation_id": client.Client.InstallationID, "custom": client.Custom,
		}
	}
	if it.Identity.CognitoIdentityID != "" {
		found["identity"] = map[string]any{
			"id": it.Identity.CognitoIdentityID, "pool": it.Identity.CognitoIdentityPoolID,
		}
	}
	return found
}

func handler(ctx context.Context, raw json.RawMessage) (any, error) {
	nth++
	var wanted event
	if err := json.Unmarshal(raw, &wanted); err != nil {
		return nil, err
	}
	switch wanted.Case {
	case "echo":
		if wanted.Log != "" {
			fmt.Println(wanted.Log)
		}
		return facts(ctx, raw), nil
	case "error":
		return nil, refused{wanted.Message}
	case "huge-error":
		return nil, refused{strings.Repeat("x", wanted.Bytes)}
	case "exit":
		os.Exit(wanted.Code)
	case "signal":
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			return nil, err
		}
		time.Sleep(10 * time.Second)
	case "sleep":
		write(keptFile, wanted.Keep)
		time.Sleep(10 * time.Second)
	case "large":
		return large(wanted.Bytes), nil
	case "stream":
		return &stream{parts: []string{wanted.First, wanted.Second}, fail: wanted.Fail}, nil
	case "unawaited":
		// Nobody awaits it, and it fails while the handler still works.
		go func() { panic(refused{wanted.Message}) }()
		time.Sleep(10 * time.Second)
	case "later":
		go func() {
			time.Sleep(30 * time.Millisecond)
			fmt.Println(wanted.Log)
			write(laterFile, wanted.Keep)
		}()
		return facts(ctx, raw), nil
	case "wait":
		for read(laterFile) == nil {
			time.Sleep(5 * time.Millisecond)
		}
		return facts(ctx, raw), nil
	}
	return nil, errors.New("no such case: " + wanted.Case)
}

func main() {
	if os.Getenv("CONFORMANCE_INIT") == "error" {
		panic("init fails: ключ")
	}
	if os.Getenv("CONFORMANCE_IDENTITY") != "" {
		lambda.Start(func(event any) (any, error) { return event, nil })
	}
	lambda.Start(handler)
}
