// What every client of the conformance matrix is asked to do, in Java: "case" of the event says what.
package conformance;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.LinkedHashMap;
import java.util.Map;

public class Function implements RequestHandler<Map<String, Object>, Object> {
    private static final Path KEPT = Paths.get("/tmp/kept");
    private static final Path LATER = Paths.get("/tmp/later");
    private int nth = 0;

    /** The error of the handler. */
    public static class Refused extends RuntimeException {
        Refused(String message) {
            super(message);
        }
    }

    public Function() {
        if ("error".equals(System.getenv("CONFORMANCE_INIT"))) {
            throw new IllegalStateException("init fails: ключ");
        }
    }

    /** Returns its event. */
    public Object identity(Object event) {
        return event;
    }

    @Override
    public Object handleRequest(Map<String, Object> event, Context context) {
        nth += 1;
        String wanted = text(event, "case");
        switch (wanted) {
            case "echo":
                if (event.containsKey("log")) {
                    System.out.println(text(event, "log"));
                }
                return facts(event, context);
            case "error":
                throw new Refused(text(event, "message"));
            case "huge-error":
                throw new Refused("x".repeat(number(event, "bytes")));
            case "exit":
                System.exit(number(event, "code"));
                return null;
            case "signal":
                return killed();
            case "sleep":
                write(KEPT, text(event, "keep"));
                pause(10_000);
                return null;
            case "large":
                return "x".repeat(number(event, "bytes") - 2);
            case "unawaited":
                // Nobody awaits it, and it fails while the handler still works.
                Thread failing = new Thread(() -> {
                    throw new Refused(text(event, "message"));
                });
                failing.start();
                join(failing);
                return facts(event, context);
            case "later":
                Thread late = new Thread(() -> {
                    pause(30);
                    System.out.println(text(event, "log"));
                    write(LATER, text(event, "keep"));
                });
                late.setDaemon(true);
                late.start();
                return facts(event, context);
            case "wait":
                while (!Files.exists(LATER)) {
                    pause(5);
                }
                return facts(event, context);
            default:
                throw new Refused("no such case: " + wanted);
        }
    }

    /** The event, and what the client says about the invocation. */
    private Map<String, Object> facts(Map<String, Object> event, Context context) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("event", event);
        found.put("nth", nth);
        found.put("kept", read(KEPT));
        found.put("later", read(LATER));
        found.put("request_id", context.getAwsRequestId());
        found.put("arn", context.getInvokedFunctionArn());
        found.put("remaining_ms", context.getRemainingTimeInMillis());
        found.put("function_name", context.getFunctionName());
        found.put("function_version", context.getFunctionVersion());
        found.put("memory_mb", context.getMemoryLimitInMB());
        found.put("log_group", context.getLogGroupName());
        found.put("log_stream", context.getLogStreamName());
        found.put("trace_id", System.getProperty("com.amazonaws.xray.traceHeader"));
        found.put("tenant", context.getTenantId());
        found.put("client", client(context.getClientContext()));
        found.put("identity", identity(context.getIdentity()));
        return found;
    }

    private static Object client(ClientContext client) {
        if (client == null || client.getClient() == null) {
            return null;
        }
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("installation_id", client.getClient().getInstallationId());
        found.put("custom", client.getCustom());
        return found;
    }

    private static Object identity(CognitoIdentity identity) {
        if (identity == null || identity.getIdentityId() == null || identity.getIdentityId().isEmpty()) {
            return null;
        }
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("id", identity.getIdentityId());
        found.put("pool", identity.getIdentityPoolId());
        return found;
    }

    /** The virtual machine catches every signal but one, and has no call to send itself that. */
    private static Object killed() {
        try {
            String own = Long.toString(ProcessHandle.current().pid());
            new ProcessBuilder("/bin/sh", "-c", "kill -KILL " + own).inheritIO().start().waitFor();
        } catch (IOException | InterruptedException error) {
            throw new IllegalStateException(error);
        }
        return null;
    }

    private static String text(Map<String, Object> event, String name) {
        return (String) event.get(name);
    }

    private static int number(Map<String, Object> event, String name) {
        return ((Number) event.get(name)).intValue();
    }

    private static String read(Path path) {
        try {
            return Files.exists(path) ? new String(Files.readAllBytes(path), StandardCharsets.UTF_8) : null;
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    /** Whoever waits for the file must not find it empty. */
    private static void write(Path path, String text) {
        try {
            Path fresh = path.resolveSibling(path.getFileName() + ".new");
            Files.write(fresh, text.getBytes(StandardCharsets.UTF_8));
            Files.move(fresh, path);
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }
}
