// Expression languages, template engines, XML and object readers, and a logger of the JVM:
// `Sinks CLASS CELLS_FILE ANSWER_FILE`, as the drivers in Python and JavaScript. One file, because
// `java FILE` compiles no more than one.

import java.beans.XMLDecoder;
import java.io.ByteArrayInputStream;
import java.io.ObjectInputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Permission;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.InputSource;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

public class Sinks {
    interface Context {
        Object land(String text) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        System.setSecurityManager(new Names());
        Map<String, Context> contexts = contexts(args[0]);
        // JSON is YAML, and SnakeYAML is here anyway.
        Object cells = new Yaml(new SafeConstructor()).load(Files.readString(Path.of(args[1])));
        List<String> said = new ArrayList<>();
        if (cells == null) {
            said.addAll(contexts.keySet());
        } else {
            for (Object it : (List<?>) cells) {
                Map<?, ?> cell = (Map<?, ?>) it;
                said.add(one(contexts.get(cell.get("context")), (String) cell.get("text")));
            }
        }
        StringBuilder json = new StringBuilder("[");
        for (String text : said) {
            json.append(json.length() > 1 ? "," : "").append(quoted(text));
        }
        Files.writeString(Path.of(args[2]), json.append("]"));
        // Log4j and class loaders may have left threads behind.
        Runtime.getRuntime().halt(0);
    }

    static String one(Context context, String text) {
        Names.asked = null;
        String said;
        try {
            Object value = context.land(text);
            if (value instanceof Process) {
                ((Process) value).waitFor();
            }
            said = String.valueOf(value);
        } catch (Throwable error) {
            // A payload may end in any error.
            said = "error " + error;
        }
        return Names.asked == null ? said : "asked for " + Names.asked;
    }

    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            boolean plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
            json.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) (Character.isSurrogate(c) ? '?' : c)));
        }
        return json.append('"').toString();
    }

    /** Allows everything, and remembers for which name below `localhost` an address was looked for. */
    static class Names extends SecurityManager {
        static String asked;

        @Override
        public void checkConnect(String host, int port) {
            if (port == -1 && host.endsWith(".localhost")) {
                asked = host;
            }
        }

        @Override
        public void checkPermission(Permission permission) {}
    }

    static Map<String, Context> contexts(String name) {
        switch (name) {
            case "java-expression":
                return expressions();
            case "xxe":
                return documents();
            case "deserialization":
                return objects();
            case "log4shell":
                return logs();
            default:
                throw new IllegalArgumentException(name);
        }
    }

    static Map<String, Context> expressions() {
        Map<String, Context> it = new LinkedHashMap<>();
        it.put("SpEL @", Sinks::spel);
        it.put("SpEL 'a' == '@'", text -> spel("'a' == '" + text + "'"));
        it.put("SpEL text with #{}", Sinks::spelText);
        it.put("OGNL @", text -> ognl(text));
        it.put("OGNL 'a' == '@'", text -> ognl("\"a\" == '" + text + "'"));
        it.put("MVEL @", text -> org.mvel2.MVEL.eval(text));
        it.put("MVEL 'a' == '@'", text -> org.mvel2.MVEL.eval("'a' == '" + text + "'"));
        it.put("MVEL \"a\" == \"@\"", text -> org.mvel2.MVEL.eval("\"a\" == \"" + text + "\""));
        it.put("EL ${@}", text -> el("${" + text + "}"));
        it.put("EL text with ${}", text -> el("Hello " + text));
        it.put("EL ${'a' += '@'}", text -> el("${'a' == '" + text + "'}"));
        it.put("JEXL @", Sinks::jexl);
        it.put("JEXL 'a' == '@'", text -> jexl("'a' == '" + text + "'"));
        it.put("FreeMarker", Sinks::freemarker);
        it.put("Velocity", Sinks::velocity);
        it.put("safe: SpEL, data binding only", Sinks::spelSafe);
        it.put("safe: FreeMarker value", text -> freemarkerWith("Hello ${value}", text));
        return it;
    }

    static Object spel(String text) {
        return new org.springframework.expression.spel.standard.SpelExpressionParser()
                .parseExpression(text)
                .getValue();
    }

    static Object spelText(String text) {
        return new org.springframework.expression.spel.standard.SpelExpressionParser()
                .parseExpression("Hello " + text, new org.springframework.expression.common.TemplateParserContext())
                .getValue();
    }

    static Object spelSafe(String text) {
        return new org.springframework.expression.spel.standard.SpelExpressionParser()
                .parseExpression(text)
                .getValue(org.springframework.expression.spel.support.SimpleEvaluationContext
                        .forReadOnlyDataBinding().build());
    }

    static Object ognl(String text) throws Exception {
        return ognl.Ognl.getValue(text, new LinkedHashMap<>(), new Object());
    }

    static Object el(String text) {
        return new javax.el.ELProcessor().getELManager().getELContext() == null ? null : elValue(text);
    }

    static Object elValue(String text) {
        javax.el.ELContext context = new javax.el.ELProcessor().getELManager().getELContext();
        return javax.el.ELManager.getExpressionFactory()
                .createValueExpression(context, text, Object.class)
                .getValue(context);
    }

    static Object jexl(String text) {
        return new org.apache.commons.jexl3.JexlBuilder().create().createExpression(text).evaluate(null);
    }

    static Object freemarker(String text) throws Exception {
        return freemarkerWith(text, "a");
    }

    static Object freemarkerWith(String template, String value) throws Exception {
        freemarker.template.Configuration settings =
                new freemarker.template.Configuration(freemarker.template.Configuration.VERSION_2_3_31);
        settings.setLogTemplateExceptions(false);
        StringWriter out = new StringWriter();
        new freemarker.template.Template("t", new StringReader(template), settings).process(Map.of("value", value), out);
        return out;
    }

    static Object velocity(String text) {
        org.apache.velocity.app.VelocityEngine engine = new org.apache.velocity.app.VelocityEngine();
        engine.init();
        StringWriter out = new StringWriter();
        engine.evaluate(new org.apache.velocity.VelocityContext(), out, "t", text);
        return out;
    }

    static Map<String, Context> documents() {
        Map<String, Context> it = new LinkedHashMap<>();
        it.put("DocumentBuilder as it comes", text -> dom(DocumentBuilderFactory.newInstance(), text));
        it.put("DocumentBuilder, XInclude", text -> {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setXIncludeAware(true);
            return dom(factory, text);
        });
        it.put("SAXParser as it comes", Sinks::sax);
        it.put("safe: disallow-doctype-decl", text -> {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return dom(factory, text);
        });
        return it;
    }

    static Object dom(DocumentBuilderFactory factory, String text) throws Exception {
        return factory.newDocumentBuilder()
                .parse(new InputSource(new StringReader(text)))
                .getDocumentElement()
                .getTextContent();
    }

    static Object sax(String text) throws Exception {
        StringBuilder seen = new StringBuilder();
        SAXParserFactory.newInstance().newSAXParser().parse(
                new InputSource(new StringReader(text)),
                new org.xml.sax.helpers.DefaultHandler() {
                    @Override
                    public void characters(char[] letters, int start, int length) {
                        seen.append(letters, start, length);
                    }
                });
        return seen;
    }

    static Map<String, Context> objects() {
        Map<String, Context> it = new LinkedHashMap<>();
        it.put("ObjectInputStream", text -> read(text, null));
        it.put("XMLDecoder", Sinks::decoded);
        it.put("SnakeYAML 1.33", text -> new Yaml().load(text));
        it.put("safe: ObjectInputStream with a filter", text -> read(text, "java.lang.*;!*"));
        it.put("safe: SnakeYAML SafeConstructor", text -> new Yaml(new SafeConstructor()).load(text));
        return it;
    }

    static Object read(String text, String filter) throws Exception {
        byte[] bytes = Base64.getDecoder().decode(text);
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            if (filter != null) {
                in.setObjectInputFilter(java.io.ObjectInputFilter.Config.createFilter(filter));
            }
            return in.readObject().getClass();
        }
    }

    static Object decoded(String text) {
        try (XMLDecoder in = new XMLDecoder(new ByteArrayInputStream(text.getBytes()), null, error -> {})) {
            return in.readObject();
        }
    }

    static Map<String, Context> logs() {
        org.apache.logging.log4j.Logger logger = org.apache.logging.log4j.LogManager.getLogger("function");
        Map<String, Context> it = new LinkedHashMap<>();
        it.put("logger.error(@)", text -> {
            logger.error(text);
            return "";
        });
        it.put("logger.error(\"user {}\", @)", text -> {
            logger.error("user {}", text);
            return "";
        });
        it.put("logger.error(\"user \" + @ + \" failed\")", text -> {
            logger.error("user " + text + " failed");
            return "";
        });
        it.put("safe: another logger", text -> {
            System.Logger quiet = System.getLogger("function");
            quiet.log(System.Logger.Level.INFO, text);
            return "";
        });
        return it;
    }
}
