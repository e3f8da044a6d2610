package io.retort.dialogue;

import java.io.IOException;
import java.util.List;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.JsonLines;
import io.retort.files.JsonLinesWriter;
import io.retort.files.JsonRecord;
import io.retort.files.TextEncoding;
import java.nio.file.Path;

/**
 * The file format of dialogues, one a line: {@code {"id", "source"?, "split"?, "turns": [{"s": speaker, "t": text}…],
 * "meta": {…}?}}. Turns stay as the file has them; see {@link Dialogue#merged()}.
 */
public final class DialogueFile extends RecordFile<Dialogue> {
    /** The one instance of this format, which has no state. */
    public static final DialogueFile FORMAT = new DialogueFile();

    private DialogueFile() {}

    @Override
    public String contents() {
        return "dialogues";
    }

    @Override
    JsonLines.QuickDecoder<Dialogue> quickDecoder() {
        DialogueScanner scanner = new DialogueScanner();
        return (utf8, length) -> {
            DialogueLine line = scanner.read(utf8, length);
            return line == null ? null : line.dialogue();
        };
    }

    /** Opens a file to be read dialogue by dialogue, whose texts stay bytes as far as they can. */
    public RecordReader<DialogueLine> openLines(Path file, TextEncoding encoding) throws IOException {
        return new RecordReader<>(JsonLines.open(file, encoding), new DialogueScanner()::read,
                line -> DialogueLine.of(decode(line)));
    }

    /** Starts a file as {@link #create} does, for dialogues whose texts may still be bytes. */
    public RecordWriter<DialogueLine> createLines(Path file) throws IOException {
        return new RecordWriter<>(JsonLinesWriter.create(file), (line, to) -> to.writeDirectly(line::write));
    }

    @Override
    Dialogue decode(JsonRecord line) {
        List<Turn> turns = line.records("turns").stream().map(turn -> new Turn(turn.text("s"), turn.filledText("t")))
                .toList();
        if (turns.isEmpty()) throw line.fault("turns", "is empty", "remove the line or give it turns");
        return new Dialogue(line.text("id"), line.optionalText("source").orElse(""),
                line.optionalText("split").orElse(""), turns, line.optionalValues("meta"));
    }

    /** Writes what {@link #encode} gives, without making it first. */
    @Override
    void write(Dialogue dialogue, JsonLinesWriter to) throws IOException {
        to.writeDirectly(DialogueLine.of(dialogue)::write);
    }

    @Override
    ObjectNode encode(Dialogue dialogue) {
        ObjectNode line = object().put("id", dialogue.id()).put("source", dialogue.source())
                .put("split", dialogue.split());
        ArrayNode turns = line.putArray("turns");
        for (Turn turn : dialogue.turns()) turns.addObject().put("s", turn.speaker()).put("t", turn.text());
        if (!dialogue.meta().isEmpty()) line.set("meta", PlainValues.json(dialogue.meta()));
        return line;
    }
}
