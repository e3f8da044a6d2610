package io.retort.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.safety.SafetyVerdict;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** {@code /v1/responses}: what may be said, listed and searched, added to and disabled while the server runs. */
final class ResponseEndpoints {
    private static final int MOST_LISTED = 200, MOST_AT_ONCE = 256, LARGEST_METADATA = 16_384, LONGEST_SEARCH = 256;

    private final Deployment deployment;
    private final ServeSettings settings;
    /** Looking through all texts takes a while, so one request does so at a time. */
    private final Semaphore looking = new Semaphore(1);

    ResponseEndpoints(Deployment deployment, ServeSettings settings) {
        this.deployment = deployment;
        this.settings = settings;
    }

    /** Lists responses, those that hold a text or fulfil a filter, from a row on. */
    void list(Call call) {
        String text = call.parameter("q").orElse("");
        Fields.limited(text, LONGEST_SEARCH, "q");
        int limit = call.parameter("limit", 20, 1, MOST_LISTED);
        int after = call.parameter("after", 0, 0, Integer.MAX_VALUE);
        String state = call.parameter("state").orElse("all");
        if (!Set.of("all", "enabled", "disabled", "added", "withheld").contains(state)) {
            throw Fault.field("state", "is none of all, enabled, disabled, added, withheld");
        }
        if (!looking.tryAcquire())
            throw Fault.busy("another request looks through the responses; try again in a second");
        Generation now = deployment.lease();
        try {
            call.json(200, found(now, text.toLowerCase(Locale.ROOT), filter(call, now), state, after, limit));
        } finally {
            now.release();
            looking.release();
        }
    }

    private static BitSet filter(Call call, Generation now) {
        Optional<String> given = call.parameter("filter");
        if (given.isEmpty()) return null;
        try {
            return ReplyEndpoints.filter(Fields.JSON.readTree(given.get()), now);
        } catch (JsonProcessingException e) {
            throw Fault.field("filter", "is not JSON; send an object such as {\"field\": \"value\"}");
        }
    }

    private static ObjectNode found(Generation now, String text, BitSet filter, String state, int after, int limit) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode listed = json.putArray("responses");
        int size = now.responder().size(), row = after;
        for (; row < size && listed.size() < limit; row++) {
            boolean isWanted = switch (state) {
                case "enabled" -> !now.responses().isDisabled(row);
                case "disabled" -> now.responses().isDisabled(row);
                case "added" -> now.responses().isAdded(row);
                case "withheld" -> now.guard().isKnownWithheld(row);
                default -> true;
            };
            if (!isWanted || filter != null && !filter.get(row)) continue;
            if (!text.isEmpty() && !now.responder().text(row).toLowerCase(Locale.ROOT).contains(text)) continue;
            listed.add(one(now, row));
        }
        if (row < size) json.put("next", row);
        else json.putNull("next");
        return json.put("responses_in_all", size).put("added", now.responses().added())
                .put("disabled", now.responses().disabledCount()).put("withheld_so_far", now.guard().knownWithheld());
    }

    private static ObjectNode one(Generation now, int row) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", now.responses().id(row)).put("text", now.responder().text(row))
                .put("source", now.responses().isAdded(row) ? "added" : "index")
                .put("state", now.responses().isDisabled(row) ? "disabled" : "enabled");
        now.responder().metadata(row).ifPresent(its -> json.set("metadata", Fields.JSON.valueToTree(its)));
        now.guard().withheld(row).ifPresent(why -> json.putObject("withheld")
                .put("category", why.category().orElseThrow().key()).put("reason", why.reason()));
        return json;
    }

    /** Tells one response. */
    void get(Call call) {
        Generation now = deployment.lease();
        try {
            OptionalInt row = now.responses().row(call.pathParameter("id"));
            if (row.isEmpty()) throw unknown();
            call.json(200, one(now, row.getAsInt()));
        } finally {
            now.release();
        }
    }

    private static Fault unknown() {
        return Fault.of(404, "unknown_response", "there is no response of this id; GET /v1/responses lists them");
    }

    /** Adds one response, or several. */
    void add(Call call) {
        Fields body = call.body().only(Set.of("text", "metadata", "responses"));
        boolean isOne = body.find("text").isPresent();
        if (isOne == body.find("responses").isPresent()) {
            throw Fault.field("text", "or responses must be given, one of them");
        }
        List<String> texts = new ArrayList<>();
        List<Optional<ObjectNode>> metadata = new ArrayList<>();
        if (isOne) {
            read(body, texts, metadata);
        } else {
            for (JsonNode each : body.list("responses", MOST_AT_ONCE)) {
                read(Fields.of(each, "responses[" + texts.size() + "]").only(Set.of("text", "metadata")), texts,
                        metadata);
            }
        }
        if (texts.isEmpty()) throw Fault.field("responses", "is empty; send at least one");
        requireSafe(texts, isOne);
        List<ManagedResponses.Outcome> outcomes = deployment.change(now -> now.responses().add(texts, metadata));
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode all = json.putArray("responses");
        boolean changed = false;
        for (ManagedResponses.Outcome each : outcomes) {
            all.addObject().put("id", each.id()).put("result", each.added());
            changed |= !each.added().equals("exists");
        }
        call.note("added", outcomes.size());
        call.json(changed ? 201 : 200, json.put("request_id", call.id()));
    }

    /** Refuses what would never be given. */
    private void requireSafe(List<String> texts, boolean isOne) {
        Generation now = deployment.lease();
        try {
            for (int i = 0; i < texts.size(); i++) {
                SafetyVerdict verdict = now.guard().added(texts.get(i));
                if (!verdict.passes()) throw Fault.unsafe(isOne ? "text" : "responses[" + i + "].text", verdict);
            }
        } finally {
            now.release();
        }
    }

    private void read(Fields from, List<String> texts, List<Optional<ObjectNode>> metadata) {
        String text = from.requiredText("text", settings.maxCharacters());
        texts.add(Fields.filled(text, from.path("text")));
        metadata.add(from.find("metadata").map(json -> {
            Fields.of(json, from.path("metadata"));
            if (json.toString().length() > LARGEST_METADATA) {
                throw Fault.field(from.path("metadata"), "is longer than " + LARGEST_METADATA + " characters");
            }
            return (ObjectNode) json;
        }));
    }

    /** Has a response not be given any more. */
    void disable(Call call) {
        String id = call.pathParameter("id");
        if (!deployment.change(now -> now.responses().disable(id))) throw unknown();
        call.json(200, JsonNodeFactory.instance.objectNode().put("id", id).put("state", "disabled").put("request_id",
                call.id()));
    }
}
