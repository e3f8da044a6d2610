package io.retort.dialogue;

import java.util.List;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.JsonRecord;

/**
 * The file format of distilled data, one context a line: {@code {"id", "context": [turn…], "candidates": [{"text",
 * "source": "original|generated", "ll"?, "mi"?, "metadata": {…}?}…], "teacher": {…}?}}.
 */
public final class DistilledFile extends RecordFile<Distilled> {
    /** The one instance of this format, which has no state. */
    public static final DistilledFile FORMAT = new DistilledFile();

    private DistilledFile() {}

    @Override
    public String contents() {
        return "distilled contexts";
    }

    @Override
    Distilled decode(JsonRecord line) {
        List<Candidate> candidates = line.records("candidates").stream().map(DistilledFile::candidate).toList();
        if (candidates.isEmpty()) throw line.fault("candidates", "is empty", "remove the line or give it candidates");
        return new Distilled(line.text("id"), context(line), candidates, line.optionalValues("teacher"));
    }

    private static Candidate candidate(JsonRecord object) {
        return new Candidate(object.filledText("text"), origin(object), object.optionalNumber("ll"),
                object.optionalNumber("mi"), metadata(object));
    }

    private static Origin origin(JsonRecord object) {
        String label = object.text("source");
        for (Origin origin : Origin.values()) {
            if (origin.label().equals(label)) return origin;
        }
        throw object.fault("source", "is neither `original` nor `generated`", "correct the line");
    }

    @Override
    ObjectNode encode(Distilled distilled) {
        ObjectNode line = object().put("id", distilled.id());
        line.set("context", array(distilled.context().turns()));
        ArrayNode candidates = line.putArray("candidates");
        for (Candidate candidate : distilled.candidates()) candidates.add(encode(candidate));
        if (!distilled.teacher().isEmpty()) line.set("teacher", PlainValues.json(distilled.teacher()));
        return line;
    }

    private static ObjectNode encode(Candidate candidate) {
        ObjectNode object = object().put("text", candidate.text()).put("source", candidate.origin().label());
        candidate.ll().ifPresent(ll -> object.put("ll", ll));
        candidate.mi().ifPresent(mi -> object.put("mi", mi));
        candidate.metadata().ifPresent(metadata -> object.set("metadata", PlainValues.json(metadata)));
        return object;
    }
}
