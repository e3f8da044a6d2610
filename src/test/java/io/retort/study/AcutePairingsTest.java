package io.retort.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcutePairingsTest {
    /** The fields that ParlAI's description of the format has, with a number as an id, and turns named otherwise. */
    private static final String PAIRING = """
            {"is_onboarding": false, "speakers_to_eval": ["owl", "elk"], "dialogue_ids": [1, "two"], "dialogue_dicts": \
            [{"speakers": ["owl", "other_speaker"], "dialogue": [{"id": "owl", "text": "Hi"}, \
            {"id": "other_speaker", "text": "Hi back"}]}, {"speakers": ["other_speaker", "elk"], "dialogue": \
            [{"id": "model1", "text": "Good day"}, {"id": "model2", "text": "And to you"}]}]}""";
    private static final String ONBOARDING = PAIRING.replace("\"is_onboarding\": false",
            "\"is_onboarding\": true, \"correct_answer\": \"elk\"");

    @TempDir
    Path folder;

    private Path file(String... lines) throws IOException {
        return Files.write(folder.resolve("pairings.jsonl"), List.of(lines));
    }

    @Test
    void pairingsOfParlAiAreRead() throws IOException {
        List<AcutePairings.Pairing> pairings = AcutePairings.read(file(PAIRING, ONBOARDING));
        assertEquals(List.of("owl", "elk"), pairings.getFirst().speakers());
        assertEquals(List.of(List.of(new Said(true, "Hi"), new Said(false, "Hi back")),
                List.of(new Said(false, "Good day"), new Said(true, "And to you"))), pairings.getFirst().dialogues());
        assertEquals(Optional.empty(), pairings.getFirst().correct());
        assertEquals(Optional.of("elk"), pairings.getLast().correct());
    }

    @Test
    void importedPairingsBecomeAStudyWhoseOnboardingIsAHiddenCheckForEachJudge() throws IOException {
        List<AcutePairings.Pairing> pairings = AcutePairings.read(
                file(PAIRING, PAIRING.replace("Hi back", "Hi again"), PAIRING.replace("Hi", "Ho"), ONBOARDING));
        StudyPlan plan = new StudyPlanner(StudyForm.SELF_CHATS, "?", new StudyDesign(3, 2, 1), 1).plan(pairings,
                Map.of());
        assertEquals(List.of("owl", "elk"), plan.systems());
        StudyItem check = plan.items().stream().filter(StudyItem::isCheck).findFirst().orElseThrow();
        assertEquals("elk", check.systems().get(check.expected().equals(List.of("left")) ? 0 : 1));
        for (List<String> place : plan.places()) {
            assertEquals(3, place.size());
            assertTrue(place.contains(check.id()));
        }
        assertEquals(3, plan.items().stream().filter(item -> !item.isCheck())
                .filter(item -> plan.places().stream().anyMatch(place -> place.contains(item.id()))).count());
        assertThrows(BadInput.class, () -> new StudyPlanner(StudyForm.SELF_CHATS, "?", new StudyDesign(3, 4, 1), 1)
                .plan(pairings, Map.of()));
    }

    @Test
    void anExportedPlanIsReadBackAsTheSamePairings() throws IOException {
        for (StudyForm form : List.of(StudyForm.SIDE_BY_SIDE, StudyForm.SELF_CHATS)) {
            StudyPlan plan = Studies.plan(form, new StudyDesign(2, 6, 1), 8, 2, "owl", "elk", "yak");
            List<AcutePairings.Pairing> written = AcutePairings.of(plan);
            Path file = folder.resolve(form.label());
            AcutePairings.write(file, written);
            List<AcutePairings.Pairing> read = AcutePairings.read(file);
            assertEquals(written.size(), read.size());
            for (int i = 0; i < read.size(); i++) {
                assertEquals(written.get(i).speakers(), read.get(i).speakers());
                assertEquals(written.get(i).dialogues(), read.get(i).dialogues());
                assertEquals(written.get(i).correct(), read.get(i).correct());
            }
            JsonNode first = new JsonMapper().readTree(Files.readAllLines(file).getFirst());
            assertEquals(new HashSet<>(List.of("is_onboarding", "speakers_to_eval", "dialogue_ids", "dialogue_dicts")),
                    new HashSet<>(first.properties().stream().map(Map.Entry::getKey).toList()));
            for (JsonNode dict : first.get("dialogue_dicts")) {
                String begins = dict.get("speakers").get(0).asText();
                assertEquals(begins, dict.get("dialogue").get(0).get("id").asText());
            }
        }
    }

    @Test
    void aStudyThatComparesNothingHasNoPairings() {
        StudyPlan plan = Studies.plan(StudyForm.LIKERT, new StudyDesign(1, 2, 1), 2, 0, "a", "b");
        assertThrows(BadInput.class, () -> AcutePairings.of(plan));
    }

    @Test
    void whatIsNoPairingIsRefusedWithItsLine() throws IOException {
        String[][] faults = {{"[\"owl\", \"elk\"]", "[\"owl\", \"owl\"]", "speakers_to_eval"},
            {"[\"owl\", \"elk\"]", "[\"owl\"]", "speakers_to_eval"},
            {"\"text\": \"Hi back\"", "\"text\": \" \"", "dialogue_dicts[0].dialogue[1].text"},
            {"\"other_speaker\", \"elk\"]", "\"other_speaker\", \"yak\"]", "does not name elk"},
            {"\"is_onboarding\": false", "\"is_onboarding\": true", "correct_answer"},
            {"\"is_onboarding\": false", "\"is_onboarding\": 3", "is_onboarding"},
            {"\"dialogue_dicts\"", "\"dialogues\"", "dialogue_dicts"}};
        for (String[] fault : faults) {
            Path file = file(PAIRING, PAIRING.replace(fault[0], fault[1]));
            BadInput bad = assertThrows(BadInput.class, () -> AcutePairings.read(file));
            assertTrue(bad.getMessage().contains("pairings.jsonl:2:") && bad.getMessage().contains(fault[2]),
                    bad.getMessage());
        }
    }
}
