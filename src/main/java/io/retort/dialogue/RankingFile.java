package io.retort.dialogue;

import java.util.List;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.JsonRecord;

/**
 * The file format of ranking tests: {@code {"id", "context": [turn…], "positive": […], "adversarial": […]?, "random":
 * […]?}}.
 */
public final class RankingFile extends RecordFile<RankingCase> {
    /** The one instance of this format, which has no state. */
    public static final RankingFile FORMAT = new RankingFile();

    private RankingFile() {}

    @Override
    public String contents() {
        return "ranking cases";
    }

    @Override
    RankingCase decode(JsonRecord line) {
        List<String> positive = line.texts("positive");
        if (positive.isEmpty()) throw line.fault("positive", "is empty", "give at least one reply that fits");
        List<String> adversarial = line.optionalTexts("adversarial");
        List<String> random = line.optionalTexts("random");
        if (adversarial.isEmpty() && random.isEmpty()) {
            throw line.fault("random", "is empty, and so is `adversarial`", "give replies to rank against");
        }
        return new RankingCase(line.text("id"), context(line), positive, adversarial, random);
    }

    @Override
    ObjectNode encode(RankingCase ranking) {
        ObjectNode line = object().put("id", ranking.id());
        line.set("context", array(ranking.context().turns()));
        line.set("positive", array(ranking.positive()));
        if (!ranking.adversarial().isEmpty()) line.set("adversarial", array(ranking.adversarial()));
        if (!ranking.random().isEmpty()) line.set("random", array(ranking.random()));
        return line;
    }
}
