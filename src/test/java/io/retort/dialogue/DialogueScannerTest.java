package io.retort.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.files.BadInput;
import io.retort.files.JsonBytes;
import io.retort.files.JsonRecord;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.Example;

/** The quick reader of lines gives what the strict one gives, or nothing. */
class DialogueScannerTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final DialogueScanner SCANNER = new DialogueScanner();
    private static final String[] LINES = {
        "{\"id\":\"a\",\"source\":\"\",\"split\":\"dev\",\"turns\":[{\"s\":\"A\",\"t\":\"hello there, who is it?\"},{\"s\":\"B\",\"t\":\"Good day.\"}]}",
        "{\"id\": \"b-1\", \"turns\": [{\"t\": \"Zwölf \\\"Boxkämpfer\\\" \\u00e9 \\n \\\\\", \"s\": \"é\"}], \"meta\": {\"mood\": \"glad\", \"n\": 12, \"tags\": [\"x\", true], \"in\": {\"deep\": false}}}",
        "{\"turns\":[{\"s\":\"A\",\"t\":\"漢字 and 😀 and more text so that words are whole \\ud83d\\ude00\"}],\"id\":\"\",\"source\":\"chat\"}\r"};

    private static Dialogue strict(byte[] line) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
            return DialogueFile.FORMAT.decode(JsonRecord.parse(Path.of("talks.jsonl"), 1, text));
        } catch (BadInput | CharacterCodingException e) {
            return null;
        }
    }

    private static Dialogue read(byte[] line, int length) {
        DialogueLine quick = SCANNER.read(line, length);
        return quick == null ? null : quick.dialogue();
    }

    @Example
    void whatRetortWritesIsReadQuickly() {
        for (String line : LINES) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            assertNotNull(read(bytes, bytes.length), line);
            assertEquals(strict(bytes), read(bytes, bytes.length));
            byte[] within = Arrays.copyOf(bytes, bytes.length + 20);
            Arrays.fill(within, bytes.length, within.length, (byte) '"');
            assertEquals(strict(bytes), read(within, bytes.length));
        }
    }

    @Example
    void noByteChangedAnywhereMakesItDiffer() {
        for (String line : LINES) {
            byte[] whole = line.getBytes(StandardCharsets.UTF_8);
            for (int at = 0; at < whole.length; at++) {
                byte[] changed = whole.clone();
                byte[] cut = Arrays.copyOf(whole, at + 1);
                for (int value = 0; value < 256; value++) {
                    changed[at] = cut[at] = (byte) value;
                    agree(changed);
                    agree(cut);
                }
            }
        }
    }

    private static void agree(byte[] line) {
        Dialogue quick = read(line, line.length);
        if (quick != null) assertEquals(strict(line), quick, () -> Arrays.toString(line));
        if (quick != null) writtenAlike(line);
    }

    /** What is written from the bytes is what is written from the tree. */
    private static void writtenAlike(byte[] line) {
        JsonBytes written = new JsonBytes();
        SCANNER.read(line, line.length).write(written);
        try {
            byte[] tree = MAPPER.writeValueAsBytes(DialogueFile.FORMAT.encode(strict(line)));
            assertEquals(new String(tree, StandardCharsets.UTF_8), written.toString());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Example
    void whatIsWrongIsLeftToTheStrictReader() {
        for (String line : new String[]{"{\"id\":\"a\",\"id\":\"b\",\"turns\":[{\"s\":\"A\",\"t\":\"x\"}]}",
            "{\"id\":\"a\",\"turns\":[]}", "{\"id\":\"a\",\"turns\":[{\"s\":\"A\",\"t\":\" \"}]}",
            "{\"id\":\"a\",\"turns\":[{\"s\":\"A\",\"t\":\"\\ud800\"}]}",
            "{\"id\":\"a\",\"turns\":[{\"s\":\"A\",\"t\":\"x\"}]} {}",
            "{\"id\":7,\"turns\":[{\"s\":\"A\",\"t\":\"x\"}]}", "", " "}) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            assertNull(read(bytes, bytes.length), line);
        }
    }
}
