// A condition in JavaScript that is put together.
// oracle: code-evaluation
// point: /queryStringParameters/customer
// events: 300
// packages: org.openjdk.nashorn:nashorn-core:15.4
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.HashMap;
import java.util.Map;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineManager;
import javax.script.ScriptException;
import javax.script.SimpleBindings;

public class App implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    private static final ScriptEngine ENGINE = new ScriptEngineManager().getEngineByName("nashorn");

    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        Map<?, ?> query = (Map<?, ?>) event.get("queryStringParameters");
        Object customer = query == null ? null : query.get("customer");
        if (customer == null) return Map.of("statusCode", 200, "body", "all");
        try {
            Object known = ENGINE.eval("['ann', 'bob'].indexOf('" + customer + "') >= 0");  // fixed: Object known = ENGINE.eval("['ann', 'bob'].indexOf(customer) >= 0", new SimpleBindings(new HashMap<>(Map.of("customer", customer))));
            return Map.of("statusCode", 200, "body", "known: " + known);
        } catch (ScriptException error) {
            return Map.of("statusCode", 400, "body", "no such customer");
        }
    }
}
