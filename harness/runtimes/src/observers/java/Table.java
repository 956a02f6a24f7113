// Which methods are hooked.
package evfuzz.observer;

import evfuzz.observer.Watched.Act;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which methods are hooked.
 *
 * <p>A row: class, methods, how the descriptor begins, what is looked at, what that means, and of what. What is looked at is
 * `this`, the first parameter of a type (`String`, `File`, ...), or the last one of it (`last String`).
 */
final class Table {
    /** A row that fits a method of a class. */
    static class Row {
        final String methods;
        final String descriptor;
        final String looked;
        final Act act;
        final String detail;

        Row(String methods, String descriptor, String looked, Act act, String detail) {
            this.methods = methods;
            this.descriptor = descriptor;
            this.looked = looked;
            this.act = act;
            this.detail = detail;
        }

        boolean fits(String name, String type) {
            if (!type.startsWith(descriptor)) return false;
            for (String method : methods.split(" ")) {
                if (method.equals(name)) return true;
            }
            return false;
        }
    }

    private static final Map<String, List<Row>> ROWS = new HashMap<>();
    /** Classes of the JDK, which are loaded, if they are there, and hooked before the function starts. */
    static final List<String> JDK = new ArrayList<>();

    private static void jdk(String name, String methods, String descriptor, String looked, Act act) {
        JDK.add(name.replace('/', '.'));
        row(name, methods, descriptor, looked, act, "");
    }

    private static void row(String name, String methods, String descriptor, String looked, Act act, String detail) {
        List<Row> rows = ROWS.get(name);
        if (rows == null) ROWS.put(name, rows = new ArrayList<>());
        rows.add(new Row(methods, descriptor, looked, act, detail));
    }

    private static final String STRING = "Ljava/lang/String;";

    static {
        // `ProcessBuilder.start` and `Runtime.exec` end there.
        jdk("java/lang/ProcessImpl", "start", "([Ljava/lang/String;", "String[]", Act.SPAWN);
        jdk("java/io/FileInputStream", "open", "(" + STRING, "String", Act.OPENED);
        jdk("java/io/FileOutputStream", "open", "(" + STRING, "String", Act.OPENED);
        jdk("java/io/RandomAccessFile", "open", "(" + STRING, "String", Act.OPENED);
        jdk("java/io/UnixFileSystem", "delete createDirectory list rename", "(Ljava/io/File;", "File", Act.OPENED);
        jdk("sun/nio/fs/UnixFileSystemProvider",
                "newByteChannel newFileChannel newDirectoryStream implDelete createDirectory checkAccess readSymbolicLink copy move",
                "(Ljava/nio/file/Path;", "Path", Act.OPENED);
        jdk("sun/nio/fs/UnixFileSystemProvider", "copy move", "(Ljava/nio/file/Path;", "last Path", Act.OPENED);
        jdk("java/net/InetAddress", "getAllByName", "(" + STRING + ")", "String", Act.ASKED);
        jdk("java/net/URL", "openConnection", "(", "this", Act.ASKED);
        jdk("java/net/Socket", "connect", "(Ljava/net/SocketAddress;I)", "SocketAddress", Act.ASKED);
        jdk("sun/nio/ch/SocketChannelImpl", "connect", "(Ljava/net/SocketAddress;)", "SocketAddress", Act.ASKED);
        row("jdk/internal/net/http/HttpRequestBuilderImpl", "uri <init>", "(Ljava/net/URI;", "URI", Act.ASKED, "");
        jdk("java/io/ObjectInputStream", "resolveClass", "(Ljava/io/ObjectStreamClass;", "ObjectStreamClass", Act.FIND_CLASS);

        row("org/springframework/expression/spel/standard/InternalSpelExpressionParser", "doParseExpression",
                "(" + STRING, "String", Act.EXPRESSION, "spel");
        row("ognl/Ognl", "parseExpression", "(" + STRING, "String", Act.EXPRESSION, "ognl");
        row("org/mvel2/MVELInterpretedRuntime", "<init>", "(" + STRING, "String", Act.EXPRESSION, "mvel");
        row("org/mvel2/MVEL", "compileExpression", "(" + STRING, "String", Act.EXPRESSION, "mvel");
        row("org/mvel2/compiler/ExpressionCompiler", "<init>", "(" + STRING, "String", Act.EXPRESSION, "mvel");
        for (String name : new String[] {"org/apache/el", "com/sun/el", "org/glassfish/expressly"}) {
            row(name + "/lang/ExpressionBuilder", "<init>", "(" + STRING, "String", Act.EXPRESSION, "el");
        }
        row("de/odysseus/el/tree/impl/Builder", "build", "(" + STRING, "String", Act.EXPRESSION, "el");
        row("org/apache/commons/jexl3/internal/Engine", "parse", "(", "String", Act.EXPRESSION, "jexl");
        row("org/apache/commons/jexl2/JexlEngine", "parse", "(Ljava/lang/CharSequence;", "CharSequence", Act.EXPRESSION,
                "jexl");
        row("freemarker/template/Template", "<init>", "(", "Reader", Act.EXPRESSION, "freemarker");
        row("org/apache/velocity/runtime/RuntimeInstance", "evaluate", "(", "last String", Act.EXPRESSION, "velocity");
        row("org/apache/velocity/runtime/RuntimeInstance", "parse", "(Ljava/io/Reader;", "Reader", Act.EXPRESSION,
                "velocity");
        row("groovy/lang/GroovyCodeSource", "<init>", "(" + STRING, "String", Act.EXPRESSION, "groovy");
        row("groovy/lang/GroovyClassLoader", "parseClass", "(" + STRING, "String", Act.EXPRESSION, "groovy");
        row("bsh/Interpreter", "eval", "(" + STRING, "String", Act.EXPRESSION, "beanshell");
        row("org/mozilla/javascript/Context", "evaluateString compileString compileFunction", "(", "String",
                Act.JAVASCRIPT, "");
        row("software/amazon/awssdk/services/dynamodb/model/ExecuteStatementRequest$BuilderImpl", "statement",
                "(" + STRING, "String", Act.STATEMENT, "partiql");
        row("software/amazon/awssdk/services/dynamodb/model/BatchStatementRequest$BuilderImpl", "statement",
                "(" + STRING, "String", Act.STATEMENT, "partiql");
        row("software/amazon/awssdk/services/rdsdata/model/ExecuteStatementRequest$BuilderImpl", "sql",
                "(" + STRING, "String", Act.STATEMENT, "unknown");
    }

    /** What drivers of databases have, whatever they are called. */
    private static final String STATEMENTS =
            "execute executeQuery executeUpdate executeLargeUpdate addBatch prepareStatement prepareCall";

    /** What tells the classes of drivers and script engines from others: types that only their methods name. */
    private static final String[] OF_DRIVERS = {
        "(" + STRING + ")Ljava/sql/ResultSet;", "(" + STRING + ")Ljava/sql/PreparedStatement;"
    };

    private static final String OF_ENGINES = "(" + STRING + "Ljavax/script/ScriptContext;)Ljava/lang/Object;";

    private Table() {}

    static boolean names(String type) {
        return ROWS.containsKey(type);
    }

    /** The rows for a class. */
    static List<Row> rows(ClassFile file) {
        List<Row> rows = ROWS.get(file.name);
        if (rows != null) return rows;
        rows = new ArrayList<>();
        if (file.hasText(OF_DRIVERS[0]) || file.hasText(OF_DRIVERS[1])) {
            rows.add(new Row(STATEMENTS, "(" + STRING, "String", Act.STATEMENT, engine(file.name)));
        }
        if (file.hasText(OF_ENGINES)) {
            String name = file.name.toLowerCase(java.util.Locale.ROOT);
            boolean script = name.contains("nashorn") || name.contains("rhino") || name.contains("graaljs");
            Act act = script ? Act.JAVASCRIPT : Act.EXPRESSION;
            rows.add(new Row("eval compile", "(" + STRING, "String", act, "script"));
        }
        return rows;
    }

    private static String engine(String name) {
        if (name.startsWith("org/sqlite/")) return "sqlite";
        if (name.startsWith("org/postgresql/")) return "postgresql";
        if (name.startsWith("com/mysql/") || name.startsWith("org/mariadb/")) return "mysql";
        return "unknown";
    }
}
