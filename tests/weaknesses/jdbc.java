// A search by name, in a statement that is put together.
// oracle: sql-injection
// point: /queryStringParameters/customer
// events: 300
// packages: com.h2database:h2:2.2.224
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

public class App implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    private final Connection db;

    public App() throws SQLException {
        db = DriverManager.getConnection("jdbc:h2:mem:");
        try (Statement statement = db.createStatement()) {
            statement.execute("CREATE TABLE orders (id INTEGER, customer VARCHAR(40))");
            statement.execute("INSERT INTO orders VALUES (1, 'ann'), (2, 'bob')");
        }
    }

    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        Map<?, ?> query = (Map<?, ?>) event.get("queryStringParameters");
        Object customer = query == null ? null : query.get("customer");
        try (PreparedStatement statement = statement(String.valueOf(customer)); ResultSet rows = statement.executeQuery()) {
            int count = 0;
            while (rows.next()) count++;
            return Map.of("statusCode", 200, "body", "orders: " + count);
        } catch (SQLException error) {
            return Map.of("statusCode", 400, "body", "no such customer");
        }
    }

    private PreparedStatement statement(String customer) throws SQLException {
        PreparedStatement statement = db.prepareStatement("SELECT id FROM orders WHERE customer = '" + customer + "'");  // fixed: PreparedStatement statement = db.prepareStatement("SELECT id FROM orders WHERE customer = ?"); statement.setString(1, customer);
        return statement;
    }
}
