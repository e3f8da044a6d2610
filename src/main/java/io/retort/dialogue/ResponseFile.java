package io.retort.dialogue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.JsonRecord;

/** The file format of response sets, one reply a line: {@code {"text", "metadata": {…}?}}. */
public final class ResponseFile extends RecordFile<Response> {
    /** The one instance of this format, which has no state. */
    public static final ResponseFile FORMAT = new ResponseFile();

    private ResponseFile() {}

    @Override
    public String contents() {
        return "replies";
    }

    @Override
    Response decode(JsonRecord line) {
        return new Response(line.filledText("text"), metadata(line));
    }

    @Override
    ObjectNode encode(Response response) {
        ObjectNode line = object().put("text", response.text());
        response.metadata().ifPresent(metadata -> line.set("metadata", PlainValues.json(metadata)));
        return line;
    }
}
