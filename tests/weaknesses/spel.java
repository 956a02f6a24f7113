// A filter that the sender writes, as an expression of Spring.
// oracle: code-evaluation
// point: /queryStringParameters/filter
// events: 600
// packages: org.springframework:spring-expression:5.3.39
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;
import org.springframework.expression.Expression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;

public class App implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    private static final SpelExpressionParser PARSER = new SpelExpressionParser();
    private static final Map<String, Object> ORDER = Map.of("total", 20, "customer", "ann");

    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        Map<?, ?> query = (Map<?, ?>) event.get("queryStringParameters");
        Object filter = query == null ? null : query.get("filter");
        if (filter == null) return Map.of("statusCode", 200, "body", ORDER.toString());
        try {
            Expression expression = PARSER.parseExpression(filter.toString());
            Object value = expression.getValue(ORDER);  // fixed: Object value = expression.getValue(SimpleEvaluationContext.forReadOnlyDataBinding().build(), ORDER);
            return Map.of("statusCode", 200, "body", String.valueOf(value));
        } catch (RuntimeException error) {
            return Map.of("statusCode", 400, "body", "no such filter");
        }
    }
}
