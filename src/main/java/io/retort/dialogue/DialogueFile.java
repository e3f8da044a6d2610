package io.retort.dialogue;

import java.io.IOException;
import java.util.List;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.retort.files.JsonRecord;

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
    Dialogue decodeQuickly(byte[] utf8, int length) {
        return DialogueScanner.read(utf8, length);
    }

    @Override
    Dialogue decode(JsonRecord line) {
        List<Turn> turns = line.records("turns").stream().map(turn -> new Turn(turn.text("s"), turn.filledText("t")))
                .toList();
        if (turns.isEmpty()) throw line.fault("turns", "is empty", "remove the line or give it turns");
        return new Dialogue(line.text("id"), line.optionalText("source").orElse(""),
                line.optionalText("split").orElse(""), turns, line.optionalValues("meta"));
    }

    /** Writes what {@link #encode} gives, without making it first: most of a conversion would be that. */
    @Override
    void write(Dialogue dialogue, JsonGenerator to) throws IOException {
        to.writeStartObject();
        to.writeStringField("id", dialogue.id());
        to.writeStringField("source", dialogue.source());
        to.writeStringField("split", dialogue.split());
        to.writeArrayFieldStart("turns");
        for (Turn turn : dialogue.turns()) {
            to.writeStartObject();
            to.writeStringField("s", turn.speaker());
            to.writeStringField("t", turn.text());
            to.writeEndObject();
        }
        to.writeEndArray();
        if (!dialogue.meta().isEmpty()) {
            to.writeFieldName("meta");
            to.writeTree(PlainValues.json(dialogue.meta()));
        }
        to.writeEndObject();
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
