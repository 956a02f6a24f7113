// Sends records to the harness.
package evfuzz.observer;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.concurrent.atomic.AtomicLong;

/** Sends records: one JSON text is one message. */
final class Teller {
    /** Characters that a record may hold of texts; longer ones are counted only. */
    private static final int LONGEST = 32 * 1024;
    /** Since Java 21 what is longer would be written in parts (`io_util.c`, `MAX_MALLOC_SIZE`). */
    private static final int LONGEST_RECORD = 64 * 1024;
    private static final int MOST_FRAMES = 50;
    /** Code of the JDK and of this observer, which is never the function's. */
    private static final String[] OTHERS = {"java.", "javax.", "jdk.", "sun.", "com.sun.", "evfuzz.observer."};

    private final FileOutputStream out;
    private final Path path;
    private final long inode;
    private final AtomicLong lost = new AtomicLong();

    Teller(FileDescriptor descriptor, int number, long inode) {
        out = new FileOutputStream(descriptor);
        path = Paths.get("/proc/self/fd/" + number);
        this.inode = inode;
    }

    /** A function may have closed the descriptor and opened another one there. */
    boolean isThere() {
        try {
            return ((Number) Files.getAttribute(path, "unix:ino")).longValue() == inode;
        } catch (IOException | RuntimeException error) {
            return false;
        }
    }

    void miss() {
        lost.incrementAndGet();
    }

    boolean fits(String text) {
        return fits(text.length());
    }

    boolean fits(int length) {
        if (length > LONGEST) miss();
        return length <= LONGEST;
    }

    Record record(String kind) {
        return new Record().with("kind", kind);
    }

    void send(Record record) {
        try {
            record.with("stack", stack());
            long before = lost.getAndSet(0);
            if (before > 0) record.plain("lost", Long.toString(before));
            byte[] text = record.finish();
            if (text.length <= LONGEST_RECORD && isThere()) {
                out.write(text);
                return;
            }
            lost.addAndGet(before + 1);
        } catch (IOException error) {
            // It is full.
            miss();
        }
    }

    /** Where we are, innermost first, without what is never the function's. */
    private static String[] stack() {
        StackTraceElement[] all = new Throwable().getStackTrace();
        String[] lines = new String[MOST_FRAMES];
        int kept = 0;
        for (int at = 0; at < all.length && kept < MOST_FRAMES; at++) {
            StackTraceElement it = all[at];
            boolean others = false;
            for (String prefix : OTHERS) others = others || it.getClassName().startsWith(prefix);
            if (others) continue;
            lines[kept++] = it.getClassName() + "." + it.getMethodName() + "(" + it.getFileName() + ":"
                    + it.getLineNumber() + ")";
        }
        return java.util.Arrays.copyOf(lines, kept);
    }

    /** A JSON object that is being written, in ASCII. */
    static final class Record {
        private final StringBuilder json = new StringBuilder("{");

        private void name(String name) {
            if (json.length() > 1) json.append(',');
            json.append('"').append(name).append("\":");
        }

        Record with(String name, String value) {
            name(name);
            string(value);
            return this;
        }

        Record with(String name, String[] values) {
            name(name);
            json.append('[');
            for (int at = 0; at < values.length; at++) {
                if (at > 0) json.append(',');
                string(values[at]);
            }
            json.append(']');
            return this;
        }

        Record plain(String name, String value) {
            name(name);
            json.append(value);
            return this;
        }

        byte[] finish() {
            return json.append('}').toString().getBytes(StandardCharsets.US_ASCII);
        }

        private void string(String value) {
            json.append('"');
            for (int at = 0; at < value.length(); at++) {
                char it = value.charAt(at);
                if (it == '"' || it == '\\') {
                    json.append('\\').append(it);
                } else if (it >= ' ' && it < 0x7F) {
                    json.append(it);
                } else {
                    if (Character.isSurrogate(it) && !isPair(value, at)) it = '\uFFFD';
                    String hex = Integer.toHexString(it);
                    json.append("\\u").append("0000", hex.length(), 4).append(hex);
                }
            }
            json.append('"');
        }

        /** Half of a surrogate pair is no text for who reads it. */
        private static boolean isPair(String value, int at) {
            if (Character.isHighSurrogate(value.charAt(at))) {
                return at + 1 < value.length() && Character.isLowSurrogate(value.charAt(at + 1));
            }
            return at > 0 && Character.isHighSurrogate(value.charAt(at - 1));
        }
    }
}
