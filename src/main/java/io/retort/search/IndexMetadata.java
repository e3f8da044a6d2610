package io.retort.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The JSON metadata of an index, which say how its rows were made. They hold whatever decides the vectors, or an
 * interrupted build could go on with others.
 */
final class IndexMetadata {
    private static final String MODEL = "model", REPLIES = "replies", GENERATED = "generated", KEYED_BY = "keyed_by";
    private static final String HISTORY = "history", CONTEXTS = "contexts_sha256";

    private IndexMetadata() {}

    /**
     * Makes the metadata of a new index.
     *
     * @param model its name
     */
    static ObjectNode of(String model, IndexedReplies replies) {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode().put(MODEL, model);
        metadata.put(REPLIES, replies.size()).put(GENERATED, replies.generated());
        metadata.put(KEYED_BY, replies.keyedBy().label());
        if (replies.keyedBy() != KeyedBy.REPLY) {
            metadata.put(HISTORY, replies.history()).put(CONTEXTS, replies.contextsSha256());
        }
        return metadata;
    }

    /** What the rows of an index are compared with; replies, where the index does not say. */
    static KeyedBy keyedBy(ResponseIndex index) {
        String label = index.spec().metadata().path(KEYED_BY).asText(KeyedBy.REPLY.label());
        for (KeyedBy known : KeyedBy.values()) if (known.label().equals(label)) return known;
        throw BadInput.in(index.file(), "its rows are keyed by \"" + label + "\", which this Retort does not know",
                "use the Retort that made it");
    }

    /** The most turns of the contexts that an index is keyed by; 0 for one keyed by replies. */
    static int history(ResponseIndex index) {
        return index.spec().metadata().path(HISTORY).asInt(0);
    }

    /**
     * Makes the metadata of an index that is merged of several. Whatever else the parts agree on is kept.
     *
     * @param count     replies of all, each counted once
     * @param generated how many of them only a teacher gave; below zero if that is not known
     */
    static ObjectNode joined(List<ObjectNode> parts, int count, long generated) {
        ObjectNode joined = JsonNodeFactory.instance.objectNode();
        ObjectNode first = parts.getFirst();
        if (first.has(MODEL)) joined.set(MODEL, first.get(MODEL));
        joined.put(REPLIES, count);
        if (generated >= 0) joined.put(GENERATED, generated);
        joined.set(KEYED_BY, first.path(KEYED_BY).isTextual()
                ? first.get(KEYED_BY)
                : JsonNodeFactory.instance.textNode(KeyedBy.REPLY.label()));
        if (parts.stream().anyMatch(part -> part.has(HISTORY))) {
            joined.put(HISTORY, parts.stream().mapToInt(part -> part.path(HISTORY).asInt(0)).max().orElse(0));
        }
        if (parts.stream().anyMatch(part -> part.has(CONTEXTS))) joined.set(CONTEXTS, contexts(parts));
        Set<String> known = Set.of(MODEL, REPLIES, GENERATED, KEYED_BY, HISTORY, CONTEXTS);
        Set<String> others = new LinkedHashSet<>();
        first.fieldNames().forEachRemaining(others::add);
        others.removeAll(known);
        for (String name : others) {
            JsonNode value = first.get(name);
            if (parts.stream().allMatch(part -> value.equals(part.get(name)))) joined.set(name, value);
        }
        return joined;
    }

    /** Number of replies that only a teacher gave, over all parts; below zero if one of them does not say. */
    static long generated(List<ObjectNode> parts) {
        long sum = 0;
        for (ObjectNode part : parts) {
            if (!part.path(GENERATED).isIntegralNumber()) return -1;
            sum += part.get(GENERATED).asLong();
        }
        return sum;
    }

    private static ArrayNode contexts(List<ObjectNode> parts) {
        ArrayNode digests = JsonNodeFactory.instance.arrayNode();
        for (ObjectNode part : parts) {
            JsonNode its = part.path(CONTEXTS);
            if (its.isArray()) its.forEach(digests::add);
            else if (its.isTextual()) digests.add(its);
        }
        return digests;
    }
}
