package io.retort.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.FoldersInMemory;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.dialogue.Turn;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Dialogues written in some shape of others read back equal. */
class RoundTripTest {
    @Provide
    Arbitrary<List<Dialogue>> dialogues() {
        Arbitrary<String> texts = Arbitraries.strings().withChars("abc \"\\,;\t\n'{}[]:é漢\u2028😀".toCharArray())
                .ofMinLength(1)
                .ofMaxLength(12).map(text -> text.replaceAll("[\ud800-\udfff]", "") + ".")
                .filter(text -> !WhiteSpace.isBlank(text));
        return texts.list().ofMinSize(2).ofMaxSize(6).list().ofMinSize(1).ofMaxSize(8).map(all -> {
            List<Dialogue> dialogues = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                List<Turn> turns = new ArrayList<>();
                for (String text : all.get(i)) turns.add(new Turn(turns.size() % 2 == 0 ? "user" : "assistant", text));
                dialogues.add(new Dialogue("d" + i, "", turns));
            }
            return dialogues;
        });
    }

    private static ObjectNode record(Dialogue dialogue, String list, String speaker, String text) {
        ObjectNode record = JsonNodeFactory.instance.objectNode().put("id", dialogue.id());
        ArrayNode turns = record.putArray(list);
        dialogue.turns().forEach(turn -> turns.addObject().put(speaker, turn.speaker()).put(text, turn.text()));
        return record;
    }

    private static void requireSame(List<Dialogue> dialogues, String name, String text) throws IOException {
        Path file = Files.createTempFile(FoldersInMemory.place(), "talks", name);
        try (var reader = SourceFile.recognise(Files.writeString(file, text), ReadingSettings.defaults()).dialogues()) {
            List<Dialogue> read = new ArrayList<>();
            reader.forEachRemaining(read::add);
            assertEquals(dialogues, read, text);
        } finally {
            Files.delete(file);
        }
    }

    private static void requireSame(List<Dialogue> dialogues, Function<Dialogue, ObjectNode> shape) throws IOException {
        List<ObjectNode> records = dialogues.stream().map(shape).toList();
        requireSame(dialogues, ".jsonl", records.stream().map(record -> record + "\n").collect(Collectors.joining()));
        requireSame(dialogues, ".json", records.toString());
        requireSame(dialogues, ".json", JsonNodeFactory.instance.objectNode()
                .<ObjectNode>set("items", JsonNodeFactory.instance.arrayNode().addAll(records)).toPrettyString());
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void jsonOfOthersIsReadAsItWasWritten(@ForAll("dialogues") List<Dialogue> dialogues) throws IOException {
        requireSame(dialogues, dialogue -> record(dialogue, "messages", "role", "content"));
        requireSame(dialogues, dialogue -> record(dialogue, "conversations", "from", "value"));
        requireSame(dialogues, dialogue -> record(dialogue, "turns", "speaker", "text"));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void oursIsReadAsItWasWritten(@ForAll("dialogues") List<Dialogue> dialogues) throws IOException {
        Path file = Files.createTempFile(FoldersInMemory.place(), "talks", ".jsonl.gz");
        DialogueFile.FORMAT.write(file, dialogues);
        try (var reader = SourceFile.recognise(file, ReadingSettings.defaults()).dialogues()) {
            List<Dialogue> read = new ArrayList<>();
            reader.forEachRemaining(read::add);
            assertEquals(dialogues, read);
        } finally {
            Files.delete(file);
        }
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void tablesAreReadAsTheyWereWritten(@ForAll("dialogues") List<Dialogue> dialogues) throws IOException {
        for (String separator : List.of(",", ";", "\t")) {
            StringBuilder text = new StringBuilder(String.join(separator, "dialogue_id", "speaker", "text"))
                    .append('\n');
            for (Dialogue dialogue : dialogues) {
                for (Turn turn : dialogue.turns()) {
                    text.append(String.join(separator, dialogue.id(), turn.speaker(),
                            '"' + turn.text().replace("\"", "\"\"") + '"')).append('\n');
                }
            }
            requireSame(dialogues, separator.equals("\t") ? ".tsv" : ".csv", text.toString());
        }
    }
}
