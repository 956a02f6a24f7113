// Serialized objects in base64, as bytes travel in JSON.
// oracle: deserialization
// point: /Records/0/body
// events: 600
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

public class App implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    private static final ObjectInputFilter ALLOWED = ObjectInputFilter.Config.createFilter("java.util.ArrayList;java.lang.*;!*");

    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        List<Object> failures = new ArrayList<>();
        for (Object record : (List<?>) event.get("Records")) {
            Map<?, ?> message = (Map<?, ?>) record;
            try {
                byte[] bytes = Base64.getDecoder().decode((String) message.get("body"));
                ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes));
                in.setObjectInputFilter(null);  // fixed: in.setObjectInputFilter(ALLOWED);
                in.readObject();
            } catch (IOException | ClassNotFoundException | RuntimeException error) {
                failures.add(Map.of("itemIdentifier", message.get("messageId")));
            }
        }
        return Map.of("batchItemFailures", failures);
    }
}
