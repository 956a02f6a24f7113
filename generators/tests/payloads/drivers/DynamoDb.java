// Texts that become parts of PartiQL statements and DynamoDB expressions, in DynamoDB local, which
// is AWS's own: `DynamoDb CLASS CELLS_FILE ANSWER_FILE`, as the other drivers. Nothing listens, the
// tables are in memory.
//
// Fired: an item of another holder, or an attribute that was not asked for, came back.

import com.amazonaws.services.dynamodbv2.AmazonDynamoDB;
import com.amazonaws.services.dynamodbv2.local.embedded.DynamoDBEmbedded;
import com.amazonaws.services.dynamodbv2.model.AttributeDefinition;
import com.amazonaws.services.dynamodbv2.model.AttributeValue;
import com.amazonaws.services.dynamodbv2.model.BillingMode;
import com.amazonaws.services.dynamodbv2.model.CreateTableRequest;
import com.amazonaws.services.dynamodbv2.model.ExecuteStatementRequest;
import com.amazonaws.services.dynamodbv2.model.KeySchemaElement;
import com.amazonaws.services.dynamodbv2.model.QueryRequest;
import com.amazonaws.services.dynamodbv2.model.ScanRequest;
import com.amazonaws.services.dynamodbv2.model.UpdateItemRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public class DynamoDb {
    interface Context {
        String land(String text);
    }

    static final AmazonDynamoDB CLIENT = DynamoDBEmbedded.create().amazonDynamoDB();

    public static void main(String[] args) throws Exception {
        table();
        Map<String, Context> contexts = args[0].equals("partiql") ? statements() : expressions();
        ObjectMapper json = new ObjectMapper();
        JsonNode cells = json.readTree(new File(args[1]));
        List<String> said = new ArrayList<>();
        if (cells.isNull()) {
            said.addAll(contexts.keySet());
        }
        for (JsonNode cell : cells) {
            said.add(one(contexts.get(cell.get("context").asText()), cell.get("text").asText()));
        }
        json.writeValue(new File(args[2]), said);
        Runtime.getRuntime().halt(0);
    }

    static String one(Context context, String text) {
        try {
            return context.land(text);
        } catch (RuntimeException error) {
            return "error " + error.getMessage();
        }
    }

    static void table() {
        CLIENT.createTable(new CreateTableRequest()
                .withTableName("items")
                .withKeySchema(new KeySchemaElement("pk", "HASH"))
                .withAttributeDefinitions(new AttributeDefinition("pk", "S"))
                .withBillingMode(BillingMode.PAY_PER_REQUEST));
        String[] holders = {"ann", "bob", "cat"};
        for (int number = 0; number < holders.length; number++) {
            CLIENT.putItem("items", Map.of(
                    "pk", text(String.valueOf(number)), "holder", text(holders[number]), "note", text("text")));
        }
    }

    static AttributeValue text(String value) {
        return new AttributeValue(value);
    }

    static String foreign(List<Map<String, AttributeValue>> items) {
        boolean any = items.stream().anyMatch(it -> it.containsKey("holder") && !it.get("holder").getS().equals("ann"));
        return any ? "fired" : items.toString();
    }

    static Map<String, Context> statements() {
        Map<String, Context> it = new LinkedHashMap<>();
        for (String where : new String[] {
            "pk='@'",
            "holder='ann' AND note='@'",
            "note='@' AND holder='ann'",
            "holder='ann' AND (note='@')",
            "holder='ann' AND contains(note, '@')",
        }) {
            it.put("WHERE " + where, text -> executed(where.replace("@", text), null));
        }
        it.put("safe: WHERE pk=?", text -> executed("pk=?", text));
        return it;
    }

    static String executed(String where, String parameter) {
        ExecuteStatementRequest request =
                new ExecuteStatementRequest().withStatement("SELECT * FROM \"items\" WHERE " + where);
        if (parameter != null) {
            request.withParameters(text(parameter));
        }
        return foreign(CLIENT.executeStatement(request).getItems());
    }

    static Map<String, Context> expressions() {
        Map<String, Context> it = new LinkedHashMap<>();
        for (String filter : new String[] {
            "holder = :o AND @ = :v",
            "@ = :v AND holder = :o",
            "holder = :o AND @ <> :v",
            "holder = :o AND contains(@, :v)",
            "holder = :o AND begins_with(@, :v)",
            "holder = :o AND attribute_exists(@)",
            "holder = :o AND (attribute_exists(@))",
            "holder = :o AND (@ = :v)",
        }) {
            it.put("filter " + filter, text -> scanned(filter.replace("@", text), filter.contains(":v"), null));
        }
        it.put("condition holder = :o AND @ = :v", DynamoDb::updated);
        it.put("projection note,@", DynamoDb::projected);
        it.put("safe: filter holder = :o AND #n = :v", text -> scanned("holder = :o AND #n = :v", true, text));
        it.put("safe: key condition pk = :v", DynamoDb::queried);
        return it;
    }

    static String scanned(String filter, boolean compares, String name) {
        Map<String, AttributeValue> values = new LinkedHashMap<>(Map.of(":o", text("ann")));
        if (compares) {
            values.put(":v", text("text"));
        }
        ScanRequest request =
                new ScanRequest("items").withFilterExpression(filter).withExpressionAttributeValues(values);
        if (name != null) {
            request.withExpressionAttributeNames(Map.of("#n", name));
        }
        return foreign(CLIENT.scan(request).getItems());
    }

    /** Changes the note of another holder, if the condition lets it. */
    static String updated(String name) {
        CLIENT.updateItem(new UpdateItemRequest()
                .withTableName("items")
                .withKey(Map.of("pk", text("1")))
                .withUpdateExpression("SET note = :v")
                .withConditionExpression("holder = :o AND " + name + " = :v")
                .withExpressionAttributeValues(Map.of(":o", text("ann"), ":v", text("text"))));
        return "fired";
    }

    static String projected(String name) {
        List<Map<String, AttributeValue>> items =
                CLIENT.scan(new ScanRequest("items").withProjectionExpression("note," + name)).getItems();
        return items.stream().anyMatch(it -> it.containsKey("pk")) ? "fired" : items.toString();
    }

    static String queried(String value) {
        return foreign(CLIENT.query(new QueryRequest("items")
                .withKeyConditionExpression("pk = :v")
                .withExpressionAttributeValues(Map.of(":v", text(value)))).getItems());
    }
}
