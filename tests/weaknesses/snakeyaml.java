// An order in YAML, read with all tags.
// oracle: deserialization
// point: /body
// events: 1000
// packages: org.yaml:snakeyaml:1.33
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

public class App implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        // Its scanner takes long for long ones.
        if (String.valueOf(event.get("body")).length() > 10_000) return Map.of("statusCode", 413, "body", "too long");
        try {
            Object order = new Yaml().load(String.valueOf(event.get("body")));  // fixed: Object order = new Yaml(new SafeConstructor()).load(String.valueOf(event.get("body")));
            return Map.of("statusCode", 200, "body", order == null ? "none" : order.getClass().getSimpleName());
        } catch (RuntimeException error) {
            return Map.of("statusCode", 400, "body", "no YAML");
        }
    }
}
