// Which arguments of hooked methods are worth a record.
package evfuzz.observer;

import java.io.File;
import java.io.ObjectStreamClass;
import java.io.Reader;
import java.io.StringReader;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.util.List;
import java.util.function.ObjIntConsumer;

/** Looks at the argument of a hooked method, and tells of it if it holds a word like a nonce. */
final class Looks implements ObjIntConsumer<Object[]> {
    /** The ports of canary addresses (generators, payload/effect.rs). */
    private static final int FIRST_PORT = 16000;
    private static final int LAST_PORT = 32999;

    private final Teller teller;
    private final List<Watched> kinds;
    /** What is called from here may be hooked, too. */
    private final ThreadLocal<Boolean> inside = new ThreadLocal<>();
    private final Field readers;
    /** What was told last. One method of a library calls another with the same text. */
    private volatile String last = "";

    Looks(Teller teller, List<Watched> kinds) {
        this.teller = teller;
        this.kinds = kinds;
        Field field = null;
        try {
            field = StringReader.class.getDeclaredField("str");
            field.setAccessible(true);
        } catch (NoSuchFieldException | RuntimeException error) {
            // Since Java 25: texts in readers are not seen.
            field = null;
        }
        readers = field;
    }

    @Override
    public void accept(Object[] seen, int kind) {
        try {
            if (inside.get() != null) return;
            inside.set(true);
            try {
                look(seen[0], kinds.get(kind));
            } finally {
                inside.remove();
            }
        } catch (Throwable error) {
            teller.miss();
        }
    }

    private void look(Object it, Watched watched) throws Exception {
        if (it == null) return;
        switch (watched.act) {
            case SPAWN:
                spawn((String[]) it);
                break;
            case ASKED:
                String url = address(it);
                if (url != null) tell(url, "asked", "url", null, null);
                break;
            case FIND_CLASS:
                findClass(((ObjectStreamClass) it).getName());
                break;
            case OPENED:
                tell(text(it), "opened", "path", null, null);
                break;
            case STATEMENT:
                tell(text(it), "statement", "text", "engine", watched.detail);
                break;
            case EXPRESSION:
                tell(text(it), "evaluated", "text", "language", watched.detail);
                break;
            case JAVASCRIPT:
                String text = text(it);
                if (!has(text) || isRepeated("source", text) || !teller.fits(text)) break;
                teller.send(teller.record("source").with("language", "javascript").with("text", text)
                        .plain("parsed", "true"));
                break;
        }
    }

    /** The text of an argument. Nothing of the function's is asked for it, so of other classes than these there is none. */
    private String text(Object it) throws Exception {
        if (it instanceof String) return (String) it;
        if (it instanceof StringBuilder || it instanceof StringBuffer) return it.toString();
        if (it.getClass() == File.class) return ((File) it).getPath();
        if (it.getClass().getName().equals("sun.nio.fs.UnixPath")) return it.toString();
        if (it instanceof Reader && it.getClass() == StringReader.class && readers != null) return (String) readers.get(it);
        return null;
    }

    private String address(Object it) {
        if (it instanceof URL || it instanceof URI) return it.toString();
        if (it instanceof String) return it + ":0";
        if (it.getClass() == InetSocketAddress.class) {
            InetSocketAddress address = (InetSocketAddress) it;
            String text = address.getHostString() + ":" + address.getPort();
            if (address.getPort() < FIRST_PORT || address.getPort() > LAST_PORT || has(text)) return text;
            send("asked", "url", text, null, null);
        }
        return null;
    }

    private void tell(String text, String kind, String member, String name, String value) {
        if (has(text)) send(kind, member, text, name, value);
    }

    private void send(String kind, String member, String text, String name, String value) {
        if (isRepeated(kind, text) || !teller.fits(text)) return;
        Teller.Record record = teller.record(kind).with(member, text);
        if (name != null) record.with(name, value);
        teller.send(record);
    }

    private boolean isRepeated(String kind, String text) {
        String told = kind + ' ' + text;
        boolean repeated = told.equals(last);
        last = told;
        return repeated;
    }

    private void spawn(String[] words) {
        boolean some = false;
        int length = 0;
        for (String word : words) {
            some = some || has(word);
            length += word.length();
        }
        if (!some || !teller.fits(length)) return;
        teller.send(teller.record("spawn").with("file", words[0]).with("args", words));
    }

    private void findClass(String name) {
        if (!has(name)) return;
        int dot = name.lastIndexOf('.');
        teller.send(teller.record("find-class").with("module", dot < 0 ? "" : name.substring(0, dot))
                .with("name", name.substring(dot + 1)));
    }

    /** Whether a text holds a word like a nonce (generators, nonce.rs): `ev` and eight of `0-9a-z`. */
    static boolean has(String text) {
        if (text == null) return false;
        for (int at = text.indexOf("ev"); at >= 0; at = text.indexOf("ev", at + 1)) {
            int end = at + 2;
            while (end < text.length() && end < at + 10 && isPart(text.charAt(end))) end++;
            if (end == at + 10) return true;
        }
        return false;
    }

    private static boolean isPart(char it) {
        return (it >= '0' && it <= '9') || (it >= 'a' && it <= 'z');
    }
}
