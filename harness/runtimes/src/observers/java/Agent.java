// The agent: loads before the function, and changes the classes that the table names.
package evfuzz.observer;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;

/**
 * Observer for Java: tells the harness what the function's process does with texts from its event.
 *
 * <p>Loaded by `-javaagent` before anything of the function's. It only observes: methods of the JDK, of drivers and of the
 * evaluators of languages get one call at their beginning, which looks at one argument. It writes into nothing of the
 * function's and never throws. A record is one JSON text, sent as one message of a packet socket that never waits; nothing
 * is sent that does not hold a word like a nonce. Decisions are made by who reads the records.
 *
 * <p>For Java 9 and later; compiled for Java 8, so what came later is reached by reflection.
 */
public final class Agent {
    private static final String VARIABLE = "EVFUZZ_OBSERVER";
    private static final String TEMPLATE = "evfuzz/observer/Hook";
    private static final String HOOK = "java/lang/EvfuzzHook";
    /** What `sipush` can hold. */
    private static final int MOST_KINDS = 30000;

    private static final List<Watched> KINDS = Collections.synchronizedList(new ArrayList<Watched>());

    private Agent() {}

    /** @param own the path of this jar */
    public static void premain(String own, Instrumentation instrumentation) {
        try {
            start(instrumentation);
        } catch (Throwable error) {
            // Unobserved: what is not told is not found, and nothing else changes.
        }
    }

    private static void start(Instrumentation instrumentation) throws Exception {
        open(instrumentation);
        String place = takeVariable();
        hideJar();
        int colon = place == null ? -1 : place.indexOf(':');
        if (colon < 0) return;
        int number = Integer.parseInt(place.substring(0, colon));
        Constructor<FileDescriptor> descriptor = FileDescriptor.class.getDeclaredConstructor(int.class);
        descriptor.setAccessible(true);
        Teller teller = new Teller(descriptor.newInstance(number), number, Long.parseLong(place.substring(colon + 1)));
        if (!teller.isThere()) return;
        define(new Looks(teller, KINDS));
        ClassFileTransformer transformer = new Hooks();
        List<Class<?>> loaded = new ArrayList<>();
        for (String name : Table.JDK) {
            try {
                Class<?> type = Class.forName(name, false, null);
                if (!loaded.contains(type) && instrumentation.isModifiableClass(type)) loaded.add(type);
            } catch (ClassNotFoundException error) {
                // Another release has none.
            }
        }
        instrumentation.addTransformer(transformer, true);
        instrumentation.retransformClasses(loaded.toArray(new Class<?>[0]));
    }

    /** Opens what is reached by reflection to this class, and to no other. */
    private static void open(Instrumentation instrumentation) throws Exception {
        Method moduleOf = Class.class.getMethod("getModule");
        Object base = moduleOf.invoke(Object.class);
        Set<Object> ours = Collections.singleton(moduleOf.invoke(Agent.class));
        Map<String, Set<Object>> opens = new java.util.HashMap<>();
        opens.put("java.lang", ours);
        opens.put("java.io", ours);
        for (Method method : Instrumentation.class.getMethods()) {
            if (!method.getName().equals("redefineModule")) continue;
            method.invoke(instrumentation, base, Collections.emptySet(), Collections.emptyMap(), opens,
                    Collections.emptySet(), Collections.emptyMap());
        }
    }

    /** Neither this process nor its children are to see how it is observed. */
    private static String takeVariable() throws Exception {
        String place = System.getenv(VARIABLE);
        Class<?> environment = Class.forName("java.lang.ProcessEnvironment");
        Field field = environment.getDeclaredField("theEnvironment");
        field.setAccessible(true);
        // The variable's class compares bytes, and makes itself of a text.
        Class<?> variable = Class.forName("java.lang.ProcessEnvironment$Variable");
        Method valueOf = variable.getDeclaredMethod("valueOf", String.class);
        valueOf.setAccessible(true);
        ((Map<?, ?>) field.get(null)).remove(valueOf.invoke(null, VARIABLE));
        return place;
    }

    /** The jar of an agent is put on the class path. */
    private static void hideJar() {
        String path = System.getProperty("java.class.path", "");
        int last = path.lastIndexOf(':');
        if (path.substring(last + 1).endsWith("/observer.jar")) {
            System.setProperty("java.class.path", last < 0 ? "" : path.substring(0, last));
        }
    }

    /** Defines the hook in java.base. A jar on the path of the boot loader would make the JVM say that it shares less. */
    private static void define(ObjIntConsumer<Object[]> looks) throws Exception {
        byte[] hook = ClassFile.replaced(content("Hook.class"), TEMPLATE, HOOK);
        Class<?> lookups = Class.forName("java.lang.invoke.MethodHandles");
        Class<?> lookup = Class.forName("java.lang.invoke.MethodHandles$Lookup");
        Object ours = lookups.getMethod("lookup").invoke(null);
        Object theirs = lookups.getMethod("privateLookupIn", Class.class, lookup).invoke(null, Object.class, ours);
        Class<?> defined = (Class<?>) lookup.getMethod("defineClass", byte[].class).invoke(theirs, (Object) hook);
        Field consumer = defined.getDeclaredField("consumer");
        consumer.setAccessible(true);
        consumer.set(null, looks);
    }

    private static byte[] content(String name) throws IOException {
        try (InputStream in = Agent.class.getResourceAsStream(name)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[4096];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) out.write(buffer, 0, read);
            return out.toByteArray();
        }
    }

    /** Puts the calls into classes. */
    static final class Hooks implements ClassFileTransformer, ClassFile.Numbers {
        @Override
        public byte[] transform(ClassLoader loader, String name, Class<?> type, ProtectionDomain domain, byte[] bytes) {
            try {
                // Those of the JDK are known by their names.
                if (name == null || (loader == null && !Table.names(name))) return null;
                if (name.startsWith("evfuzz/observer/") || name.startsWith("com/amazonaws/services/lambda/")) return null;
                ClassFile file = new ClassFile(bytes);
                return file.hooked(Table.rows(file), HOOK, this);
            } catch (Throwable error) {
                // It stays as it is.
                return null;
            }
        }

        @Override
        public int of(Table.Row row) {
            synchronized (KINDS) {
                for (int known = 0; known < KINDS.size(); known++) {
                    Watched it = KINDS.get(known);
                    if (it.act == row.act && it.detail.equals(row.detail)) return known;
                }
                if (KINDS.size() == MOST_KINDS) return -1;
                KINDS.add(new Watched(row.act, row.detail));
                return KINDS.size() - 1;
            }
        }
    }
}
