// Has the JVM verify all classes of the JDK with calls in all of their methods.
package evfuzz.observer;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts calls into all methods of all classes below folders of the JDK's image, and has the JVM verify them: `Everything
 * MODULE/PACKAGE...`. Prints how many classes were verified, and those that were refused.
 */
public final class Everything {
    private static final String HOOK = "evfuzz/observer/Hook";

    /** Every method with something that can be looked at. */
    private static List<Table.Row> rows(ClassFile file) {
        List<Table.Row> rows = new ArrayList<>();
        for (String looked : new String[] {"this", "Object", "last String", "int"}) {
            rows.add(new Table.Row("", "", looked, Watched.Act.EXPRESSION, looked) {
                @Override
                boolean fits(String name, String type) {
                    return true;
                }
            });
        }
        return rows;
    }

    /** Has classes of its own of those names, changed. */
    private static final class Changed extends ClassLoader {
        private final Path folder;
        private final boolean plain;

        Changed(Path folder, boolean plain) {
            this.folder = folder;
            this.plain = plain;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                if (known != null) return known;
                Path path = folder.resolve(name.replace('.', '/') + ".class");
                if (name.startsWith("java.") || !Files.exists(path)) return super.loadClass(name, resolve);
                try {
                    byte[] bytes = Files.readAllBytes(path);
                    ClassFile file = new ClassFile(bytes);
                    byte[] hooked = plain ? null : file.hooked(rows(file), HOOK, row -> 7);
                    byte[] used = hooked == null ? bytes : hooked;
                    return defineClass(name, used, 0, used.length);
                } catch (IOException error) {
                    throw new ClassNotFoundException(name, error);
                }
            }
        }
    }

    /** @return what the JVM says of the class; empty if it takes it */
    private static String verify(Changed loader, String name) {
        try {
            // It is verified before it is initialized, and what it does then is not asked for.
            Class.forName(name, true, loader);
            return "verified";
        } catch (VerifyError | ClassFormatError error) {
            return "refused " + error;
        } catch (ExceptionInInitializerError error) {
            return "verified";
        } catch (Throwable error) {
            return "";
        }
    }

    public static void main(String[] folders) throws Exception {
        FileSystem image = FileSystems.getFileSystem(URI.create("jrt:/"));
        int verified = 0;
        for (String folder : folders) {
            Path module;
            Path below;
            if (folder.endsWith(".jar")) {
                module = FileSystems.newFileSystem(Paths.get(folder), (ClassLoader) null).getPath("/");
                below = module;
            } else {
                module = image.getPath("/modules/" + folder.substring(0, folder.indexOf('/')));
                below = image.getPath("/modules/" + folder);
            }
            List<String> names;
            try (Stream<Path> all = Files.walk(below)) {
                names = all.map(it -> module.relativize(it).toString())
                        .filter(it -> it.endsWith(".class") && !it.contains("-") && !it.startsWith("META-INF"))
                        .map(it -> it.substring(0, it.length() - 6).replace('/', '.')).collect(Collectors.toList());
            }
            Changed changed = new Changed(module, false);
            Changed plain = new Changed(module, true);
            for (String name : names) {
                String said = verify(changed, name);
                if (said.equals("verified")) verified++;
                // What the JVM refuses as it is says nothing.
                if (said.startsWith("refused") && !verify(plain, name).startsWith("refused")) {
                    System.out.println(name + " " + said);
                }
            }
        }
        System.out.println("verified " + verified);
    }
}
