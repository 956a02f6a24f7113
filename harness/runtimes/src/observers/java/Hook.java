// What hooked methods call first.
package evfuzz.observer;

import java.util.function.ObjIntConsumer;

/**
 * What hooked methods call first. The agent renames it and defines it in java.base, where code of every class loader
 * finds it, and gives it the consumer.
 */
public final class Hook {
    private static volatile ObjIntConsumer<Object[]> consumer;

    private Hook() {}

    /** @param kind the index of a {@link Watched} */
    public static void seen(Object first, Object second, int kind) {
        ObjIntConsumer<Object[]> told = consumer;
        if (told != null) told.accept(new Object[] {first, second}, kind);
    }
}
