package io.retort.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueLine;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import net.jqwik.api.Example;

/** What is read from a line's bytes is what is made of its tree, or nothing; so is what is left out. */
class QuickJsonTest {
    private static final Map<JsonShape, String[]> LINES = Map.of(
            new MessagesShape(), new String[]{
                "{\"messages\": [{\"role\": \"system\", \"content\": \"Be kind.\"}, {\"role\": \"user\", \"content\": \"Is it \\\"open\\\"?\"}, {\"role\": \"assistant\", \"content\": \"Yes, \\u00e9 \\ud83d\\ude00 from nine.\"}], \"id\": 12, \"score\": -1.5e3, \"tags\": [null, {\"a\": true}]}"},
            new ShareGptShape(), new String[]{
                "{\"id\":\"x-1\",\"conversations\":[{\"from\":\"human\",\"value\":\"Zwölf 漢字\"},{\"from\":\"gpt\",\"value\":\"ok\"}],\"source\":\"a\"}"},
            new TurnsShape(), new String[]{
                "{\"dialogue_id\":\"7\",\"turns\":[{\"speaker\":\"kim\",\"text\":\"hello\"},{\"speaker\":\"system\",\"text\":\"you said hello\"}]}"},
            new PairShape(), new String[]{
                "{\"context\": [\"hi\", \"who is it?\", \"me\"], \"response\": \"come in\", \"id\": \"p\", \"n\": 0.25}",
                "{\"prompt\":\"What is on?\",\"completion\":\"Nothing.\"}"});

    /** Two sources of one file that holds a line. */
    private static Source[] sources(String line) throws IOException {
        Path file = Files.createTempFile("quick", ".jsonl");
        try {
            Files.writeString(file, line + "\n");
            Sample sample = Sample.of(file, ReadingSettings.defaults());
            return new Source[]{new Source(file, ReadingSettings.defaults(), "talks", sample),
                new Source(file, ReadingSettings.defaults(), "talks", sample)};
        } finally {
            Files.delete(file);
        }
    }

    private static Dialogue slow(JsonShape shape, Source source, byte[] line) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
            return shape.read(new JsonConversation(source, JsonLine.parse(source, 3, text), 3, 3));
        } catch (BadInput | CharacterCodingException e) {
            return null;
        }
    }

    @Example
    void noByteChangedAnywhereMakesItDiffer() throws IOException {
        for (Map.Entry<JsonShape, String[]> each : LINES.entrySet()) {
            for (String line : each.getValue()) agreeWhateverIsChanged(each.getKey(), line);
        }
    }

    private static void agreeWhateverIsChanged(JsonShape shape, String line) throws IOException {
        byte[] whole = line.getBytes(StandardCharsets.UTF_8);
        Source[] sources = sources(line);
        Source quickly = sources[0], slowly = sources[1];
        QuickJson quick = shape.quick(quickly);
        assertNotNull(quick.read(whole, whole.length, 3), line);
        slow(shape, slowly, whole);
        int read = 0;
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            for (int value = 0; value < 256; value++) {
                changed[at] = (byte) value;
                DialogueLine found = quick.read(changed, changed.length, 3);
                if (found == null) continue;
                read++;
                String told = new String(changed, StandardCharsets.UTF_8);
                assertEquals(slow(shape, slowly, changed), found.dialogue(), told);
                assertEquals(slowly.leftOut(), quickly.leftOut(), told);
                assertEquals(slowly.takenFor(), quickly.takenFor(), told);
            }
        }
        assertTrue(read > 1000, line);
    }

    @Example
    void whatTakesACloserLookIsLeft() throws IOException {
        Source[] sources = sources("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
        for (String line : new String[]{"{\"messages\":[]}", "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":\" \"}]}", "{\"messages\":[{\"role\":\"user\"}]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":[\"a\"]}]}", "", "[]", "\ufeff{}",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"messages\":[]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"from\":\"user\",\"content\":\"x\"}]}"}) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            assertNull(new MessagesShape().quick(sources[0]).read(bytes, bytes.length, 1), line);
        }
    }
}
