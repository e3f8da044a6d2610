package io.retort.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import io.retort.files.JsonLinesWriter;
import io.retort.files.JsonRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pairings of ACUTE-Eval, as its task in ParlAI reads them, JSONL: {@code {"is_onboarding", "speakers_to_eval": [a,
 * b], "dialogue_ids": […], "dialogue_dicts": [{"speakers": […], "dialogue": [{"id", "text"}…]}…], "correct_answer"?}}.
 * An onboarding pairing is a hidden check.
 */
public final class AcutePairings {
    private static final String OTHER = "other_speaker";

    private AcutePairings() {}

    /**
     * Two conversations, of each of which one speaker is judged.
     *
     * @param context   of the plan that the pairing is of; a name of its own where it comes from a file
     * @param speakers  who are judged: names of the two systems
     * @param dialogues the conversations, in the same order
     * @param correct   the speaker who is to be preferred, if the pairing is a check
     */
    public record Pairing(String context, List<String> speakers, List<List<Said>> dialogues,
            Optional<String> correct) {
        public Pairing {
            speakers = List.copyOf(speakers);
            dialogues = dialogues.stream().map(List::copyOf).toList();
            if (speakers.size() != 2) throw new IllegalArgumentException("speakers is " + speakers + ", not two");
            if (dialogues.size() != 2) throw new IllegalArgumentException("dialogues are " + dialogues.size());
        }
    }

    /**
     * Reads a file of pairings.
     *
     * @throws BadInput naming the line if it holds something else
     */
    public static List<Pairing> read(Path file) throws IOException {
        List<Pairing> pairings = new ArrayList<>();
        try (JsonLines lines = JsonLines.open(file)) {
            while (lines.hasNext()) pairings.add(pairing(lines.next()));
        }
        if (pairings.isEmpty()) throw BadInput.in(file, "is empty", "it should hold pairings, one a line");
        return pairings;
    }

    private static Pairing pairing(JsonRecord line) {
        List<String> speakers = line.texts("speakers_to_eval");
        if (speakers.size() != 2 || speakers.get(0).equals(speakers.get(1))) {
            throw line.fault("speakers_to_eval", "does not name two different speakers", "correct the line");
        }
        List<JsonRecord> dicts = line.records("dialogue_dicts");
        if (dicts.size() != 2) {
            throw line.fault("dialogue_dicts", "has " + dicts.size() + " dialogues, not 2", "correct the line");
        }
        List<List<Said>> dialogues = new ArrayList<>();
        for (int i = 0; i < 2; i++) dialogues.add(dialogue(dicts.get(i), speakers.get(i)));
        return new Pairing("line " + line.line(), speakers, dialogues, correct(line, speakers));
    }

    private static Optional<String> correct(JsonRecord line, List<String> speakers) {
        JsonNode onboarding = line.node().path("is_onboarding");
        if (!onboarding.isMissingNode() && !onboarding.isBoolean()) {
            throw line.fault("is_onboarding", "is neither true nor false", "correct the line");
        }
        if (!onboarding.asBoolean()) return Optional.empty();
        String correct = line.filledText("correct_answer");
        if (!speakers.contains(correct)) {
            throw line.fault("correct_answer", "is none of the speakers to judge", "correct the line");
        }
        return Optional.of(correct);
    }

    /** Turns are told by the speaker whom they name; where none names the judged one, by the order of the speakers. */
    private static List<Said> dialogue(JsonRecord dict, String judged) {
        List<JsonRecord> turns = dict.records("dialogue");
        if (turns.isEmpty()) throw dict.fault("dialogue", "is empty", "correct the line");
        boolean isNamed = turns.stream().anyMatch(turn -> speaker(turn).equals(judged));
        int place = isNamed ? 0 : dict.texts("speakers").indexOf(judged);
        if (place < 0) throw dict.fault("speakers", "does not name " + judged, "correct the line");
        List<Said> said = new ArrayList<>();
        for (int i = 0; i < turns.size(); i++) {
            boolean isJudged = isNamed ? speaker(turns.get(i)).equals(judged) : i % 2 == place % 2;
            said.add(new Said(isJudged, turns.get(i).filledText("text")));
        }
        return said;
    }

    private static String speaker(JsonRecord turn) {
        return turn.optionalText("id").or(() -> turn.optionalText("speaker")).orElse("");
    }

    /**
     * The pairings that a plan consists of, the left system first.
     *
     * @throws BadInput if the plan compares nothing
     */
    public static List<Pairing> of(StudyPlan plan) {
        if (!plan.form().isPaired()) {
            throw BadInput.of("a study of the form " + plan.form().label() + " has no pairs",
                    "plan one of the form side-by-side or self-chats");
        }
        List<Pairing> pairings = new ArrayList<>();
        for (StudyItem item : plan.items()) {
            List<List<Said>> dialogues = new ArrayList<>();
            for (StudyItem.Shown shown : item.shown()) {
                List<Said> dialogue = new ArrayList<>(item.before());
                dialogue.addAll(shown.said());
                dialogues.add(dialogue);
            }
            pairings.add(new Pairing(item.context(), item.systems(), dialogues, item.isCheck()
                    ? Optional.of(item.systems().get(item.expected().getFirst().equals(StudyForm.LEFT) ? 0 : 1))
                    : Optional.empty()));
        }
        return pairings;
    }

    /** Writes pairings, in a file that appears whole or not at all. */
    public static void write(Path file, List<Pairing> pairings) throws IOException {
        try (JsonLinesWriter writer = JsonLinesWriter.create(file)) {
            for (Pairing pairing : pairings) writer.write(line(pairing));
            writer.commit();
        }
    }

    private static ObjectNode line(Pairing pairing) {
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("is_onboarding", pairing.correct.isPresent());
        pairing.speakers.forEach(line.putArray("speakers_to_eval")::add);
        ArrayNode ids = line.putArray("dialogue_ids"), dicts = line.putArray("dialogue_dicts");
        for (int i = 0; i < 2; i++) {
            String judged = pairing.speakers.get(i);
            ids.add(judged + "/" + pairing.context);
            ObjectNode dict = dicts.addObject();
            // ParlAI takes speakers in the order in which they begin.
            boolean begins = pairing.dialogues.get(i).getFirst().judged();
            dict.putArray("speakers").add(begins ? judged : OTHER).add(begins ? OTHER : judged);
            ArrayNode turns = dict.putArray("dialogue");
            for (Said said : pairing.dialogues.get(i)) {
                turns.addObject().put("id", said.judged() ? judged : OTHER).put("text", said.text());
            }
        }
        pairing.correct.ifPresent(correct -> line.put("correct_answer", correct));
        return line;
    }
}
