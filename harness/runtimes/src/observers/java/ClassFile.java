// A class file into which calls are put.
package evfuzz.observer;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A class file (JVMS 4) into which calls are put at the beginning of methods.
 *
 * <p>Code is moved as a whole, by a multiple of four bytes, so that the padding of switches stays. What names places in it
 * is moved with it.
 */
final class ClassFile {
    /** Gives the number that a hooked method is called by. */
    interface Numbers {
        /** @return -1 if there are too many */
        int of(Table.Row row);
    }

    private static final int TAG_UTF8 = 1;
    /** JVMS 4.7.3: the length of code is below this. */
    private static final int LONGEST_CODE = 65535;

    private final byte[] bytes;
    private final int[] constants;
    private final int afterPool;
    final String name;

    ClassFile(byte[] bytes) {
        this.bytes = bytes;
        int count = u2(8);
        constants = new int[count];
        int at = 10;
        for (int index = 1; index < count; index++) {
            constants[index] = at;
            int tag = bytes[at];
            switch (tag) {
                case TAG_UTF8:
                    at += 3 + u2(at + 1);
                    break;
                case 3: case 4: case 9: case 10: case 11: case 12: case 17: case 18:
                    at += 5;
                    break;
                case 5: case 6:
                    at += 9;
                    index++;
                    break;
                case 7: case 8: case 16: case 19: case 20:
                    at += 3;
                    break;
                case 15:
                    at += 4;
                    break;
                default:
                    throw new IllegalArgumentException("constant " + tag);
            }
        }
        afterPool = at;
        name = text(u2(constants[u2(at + 2)] + 1));
    }

    private int u1(int at) {
        return bytes[at] & 0xFF;
    }

    private int u2(int at) {
        return u1(at) << 8 | u1(at + 1);
    }

    private int u4(int at) {
        return u2(at) << 16 | u2(at + 2);
    }

    /** A text of the pool. Those that are compared here are ASCII, where the modified UTF-8 of class files is UTF-8. */
    private String text(int index) {
        int at = constants[index];
        return new String(bytes, at + 3, u2(at + 1), StandardCharsets.UTF_8);
    }

    /** Whether the pool has this text. */
    boolean hasText(String text) {
        int length = text.length();
        for (int index = 1; index < constants.length; index++) {
            int at = constants[index];
            if (at == 0 || bytes[at] != TAG_UTF8 || u2(at + 1) != length) continue;
            int same = 0;
            // From the end: types begin alike.
            while (same < length && bytes[at + 2 + length - same] == (byte) text.charAt(length - 1 - same)) same++;
            if (same == length) return true;
        }
        return false;
    }

    /** The class with all texts that are {@code from} replaced: a class is renamed by it. */
    static byte[] replaced(byte[] bytes, String from, String to) throws IOException {
        ClassFile file = new ClassFile(bytes);
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(made);
        out.write(bytes, 0, 10);
        for (int index = 1; index < file.constants.length; index++) {
            int at = file.constants[index];
            if (at == 0) continue;
            if (bytes[at] == TAG_UTF8 && file.text(index).equals(from)) {
                out.writeByte(TAG_UTF8);
                out.writeUTF(to);
            } else {
                int next = file.afterPool;
                for (int later = index + 1; later < file.constants.length; later++) {
                    if (file.constants[later] != 0) {
                        next = file.constants[later];
                        break;
                    }
                }
                out.write(bytes, at, next - at);
            }
        }
        out.write(bytes, file.afterPool, bytes.length - file.afterPool);
        return made.toByteArray();
    }

    /**
     * Puts a call of {@code hook} into the methods that {@code rows} name.
     *
     * @return null if there is none
     */
    byte[] hooked(List<Table.Row> rows, String hook, Numbers numbers) throws IOException {
        // Methodref, and what it names: 6 constants.
        int first = constants.length;
        if (rows.isEmpty() || first + 6 > LONGEST_CODE) return null;
        ByteArrayOutputStream made = new ByteArrayOutputStream(bytes.length + 512);
        DataOutputStream out = new DataOutputStream(made);
        out.write(bytes, 0, 8);
        out.writeShort(first + 6);
        out.write(bytes, 10, afterPool - 10);
        out.writeByte(TAG_UTF8);
        out.writeUTF(hook);
        out.writeByte(7);
        out.writeShort(first);
        out.writeByte(TAG_UTF8);
        out.writeUTF("seen");
        out.writeByte(TAG_UTF8);
        out.writeUTF("(Ljava/lang/Object;Ljava/lang/Object;I)V");
        out.writeByte(12);
        out.writeShort(first + 2);
        out.writeShort(first + 3);
        out.writeByte(10);
        out.writeShort(first + 1);
        out.writeShort(first + 4);
        int at = afterPool + 6;
        at += 2 + 2 * u2(at);
        // Fields.
        int count = u2(at);
        at += 2;
        for (int field = 0; field < count; field++) at = afterMember(at);
        count = u2(at);
        at += 2;
        out.write(bytes, afterPool, at - afterPool);
        boolean any = false;
        for (int method = 0; method < count; method++) {
            int end = afterMember(at);
            byte[] call = call(at, rows, first + 5, numbers);
            if (call != null && method(at, call, out)) {
                any = true;
            } else {
                out.write(bytes, at, end - at);
            }
            at = end;
        }
        out.write(bytes, at, bytes.length - at);
        return any ? made.toByteArray() : null;
    }

    /** Where a field or method ends that begins at {@code at}. */
    private int afterMember(int at) {
        int attributes = u2(at + 6);
        at += 8;
        for (int index = 0; index < attributes; index++) at += 6 + u4(at + 2);
        return at;
    }

    /** The code that is put before a method; null if no row wants it. */
    private byte[] call(int at, List<Table.Row> rows, int reference, Numbers numbers) throws IOException {
        boolean isStatic = (u2(at) & 0x0008) != 0;
        String method = text(u2(at + 2));
        String type = text(u2(at + 4));
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(code);
        for (Table.Row row : rows) {
            if (!row.fits(method, type)) continue;
            int slot = slot(row.looked, type, isStatic, method.equals("<init>"));
            if (slot < 0) continue;
            int number = numbers.of(row);
            if (number < 0) continue;
            if (slot <= 3) {
                out.writeByte(0x2A + slot);
            } else if (slot <= 255) {
                out.writeByte(0x19);
                out.writeByte(slot);
            } else {
                continue;
            }
            // aconst_null, sipush, invokestatic.
            out.writeByte(0x01);
            out.writeByte(0x11);
            out.writeShort(number);
            out.writeByte(0xB8);
            out.writeShort(reference);
        }
        if (code.size() == 0) return null;
        while (code.size() % 4 != 0) out.writeByte(0);
        return code.toByteArray();
    }

    /** The local variable that holds what is looked at; -1 if there is none. */
    private static int slot(String looked, String type, boolean isStatic, boolean isConstructor) {
        // What is not yet constructed cannot be handed on.
        if (looked.equals("this")) return isStatic || isConstructor ? -1 : 0;
        boolean last = looked.startsWith("last ");
        String wanted = last ? looked.substring(5) : looked;
        int slot = isStatic ? 0 : 1;
        int found = -1;
        int at = 1;
        while (type.charAt(at) != ')') {
            int begin = at;
            while (type.charAt(at) == '[') at++;
            boolean isObject = type.charAt(at) == 'L';
            at = isObject ? type.indexOf(';', at) + 1 : at + 1;
            String parameter = type.substring(begin, at);
            String plain = parameter.replace("[", "");
            if (isObject) {
                String simple = plain.substring(plain.lastIndexOf('/') + 1, plain.length() - 1);
                for (int depth = parameter.length() - plain.length(); depth > 0; depth--) simple += "[]";
                if (simple.equals(wanted) && (last || found < 0)) found = slot;
            }
            slot += parameter.equals("J") || parameter.equals("D") ? 2 : 1;
        }
        return found;
    }

    /** Writes a method with {@code call} before its code. False, and nothing is written: it has none, or it would be too long. */
    private boolean method(int at, byte[] call, DataOutputStream out) throws IOException {
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        DataOutputStream method = new DataOutputStream(made);
        int attributes = u2(at + 6);
        method.write(bytes, at, 8);
        at += 8;
        boolean any = false;
        for (int index = 0; index < attributes; index++) {
            int length = 6 + u4(at + 2);
            if (text(u2(at)).equals("Code")) {
                byte[] code = code(at + 6, call);
                if (code == null) return false;
                method.writeShort(u2(at));
                method.writeInt(code.length);
                method.write(code);
                any = true;
            } else {
                method.write(bytes, at, length);
            }
            at += length;
        }
        if (any) out.write(made.toByteArray());
        return any;
    }

    /** A `Code` attribute (JVMS 4.7.3), from its `max_stack` on. */
    private byte[] code(int at, byte[] call) throws IOException {
        int length = u4(at + 4);
        int moved = call.length;
        if (length + moved > LONGEST_CODE) return null;
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(made);
        // At its beginning the stack is empty.
        out.writeShort(Math.max(u2(at), 3));
        out.writeShort(u2(at + 2));
        out.writeInt(length + moved);
        out.write(call);
        out.write(bytes, at + 8, length);
        at += 8 + length;
        int handlers = u2(at);
        out.writeShort(handlers);
        at += 2;
        for (int index = 0; index < handlers; index++, at += 8) {
            out.writeShort(u2(at) + moved);
            out.writeShort(u2(at + 2) + moved);
            out.writeShort(u2(at + 4) + moved);
            out.writeShort(u2(at + 6));
        }
        int attributes = u2(at);
        at += 2;
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        DataOutputStream keep = new DataOutputStream(kept);
        int left = 0;
        for (int index = 0; index < attributes; index++) {
            int size = u4(at + 2);
            String kind = text(u2(at));
            byte[] content = attribute(kind, at + 6, size, moved);
            at += 6 + size;
            if (content == null) continue;
            keep.writeShort(u2(at - 6 - size));
            keep.writeInt(content.length);
            keep.write(content);
            left++;
        }
        out.writeShort(left);
        out.write(kept.toByteArray());
        return made.toByteArray();
    }

    /** An attribute of code that was moved; null leaves it out. */
    private byte[] attribute(String kind, int at, int size, int moved) throws IOException {
        ByteArrayOutputStream made = new ByteArrayOutputStream(size + 8);
        DataOutputStream out = new DataOutputStream(made);
        switch (kind) {
            case "LineNumberTable":
                out.writeShort(u2(at));
                for (int entry = at + 2; entry < at + size; entry += 4) {
                    // The call is on the first line.
                    int start = u2(entry);
                    out.writeShort(start == 0 ? 0 : start + moved);
                    out.writeShort(u2(entry + 2));
                }
                break;
            case "LocalVariableTable":
            case "LocalVariableTypeTable":
                out.writeShort(u2(at));
                for (int entry = at + 2; entry < at + size; entry += 10) {
                    int start = u2(entry);
                    // Parameters are there from the beginning.
                    out.writeShort(start == 0 ? 0 : start + moved);
                    out.writeShort(start == 0 ? u2(entry + 2) + moved : u2(entry + 2));
                    out.write(bytes, entry + 4, 6);
                }
                break;
            case "StackMapTable":
                frames(at, out, moved);
                break;
            case "RuntimeVisibleTypeAnnotations":
            case "RuntimeInvisibleTypeAnnotations":
                // Of code: nothing that runs can ask for them.
                return null;
            default:
                out.write(bytes, at, size);
        }
        return made.toByteArray();
    }

    /** The frames of a method (JVMS 4.7.4): each names its place by the distance from the one before. */
    private void frames(int at, DataOutputStream out, int moved) throws IOException {
        int count = u2(at);
        out.writeShort(count);
        at += 2;
        for (int index = 0; index < count; index++) {
            int by = index == 0 ? moved : 0;
            int kind = u1(at);
            if (kind <= 63) {
                if (kind + by <= 63) {
                    out.writeByte(kind + by);
                } else {
                    out.writeByte(251);
                    out.writeShort(kind + by);
                }
                at += 1;
            } else if (kind <= 127) {
                if (kind + by <= 127) {
                    out.writeByte(kind + by);
                } else {
                    out.writeByte(247);
                    out.writeShort(kind - 64 + by);
                }
                at = types(at + 1, 1, out, moved);
            } else {
                out.writeByte(kind);
                out.writeShort(u2(at + 1) + by);
                at += 3;
                if (kind == 247) {
                    at = types(at, 1, out, moved);
                } else if (kind >= 252 && kind <= 254) {
                    at = types(at, kind - 251, out, moved);
                } else if (kind == 255) {
                    for (int part = 0; part < 2; part++) {
                        int types = u2(at);
                        out.writeShort(types);
                        at = types(at + 2, types, out, moved);
                    }
                }
            }
        }
    }

    private int types(int at, int count, DataOutputStream out, int moved) throws IOException {
        for (int index = 0; index < count; index++) {
            int tag = u1(at);
            out.writeByte(tag);
            at++;
            if (tag == 7) {
                out.writeShort(u2(at));
                at += 2;
            } else if (tag == 8) {
                // The place of the `new` that made it.
                out.writeShort(u2(at) + moved);
                at += 2;
            }
        }
        return at;
    }
}
