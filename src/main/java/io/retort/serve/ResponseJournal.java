package io.retort.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.AppendedLines;
import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was added, disabled and enabled while a server ran: one JSON object a line, written and flushed to the disk
 * before the client is told. A killed process leaves whole lines and at most the start of one, which nobody was told
 * of and which is cut off. The file is made, and locked, with the first change. Any thread.
 */
final class ResponseJournal implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    /** The longest file that is read; more belongs into the index itself. */
    private static final long LARGEST = 1L << 30;

    private final Path file;
    private final List<Entry> entries = new ArrayList<>();
    private AppendedLines lines;
    /** Bytes of the whole lines that were read. */
    private long length;

    /** What a line says has become of a response. */
    enum Change {
        ADD, DISABLE, ENABLE
    }

    /**
     * One change of one response.
     *
     * @param id       its name
     * @param text     what it says, of what was added; else empty
     * @param metadata of what was added
     */
    record Entry(Change change, String id, String text, Optional<ObjectNode> metadata) {
        static Entry added(String text, Optional<ObjectNode> metadata) {
            return new Entry(Change.ADD, ResponseIds.of(text), text, metadata);
        }

        static Entry of(Change change, String id) {
            return new Entry(change, id, "", Optional.empty());
        }

        private ObjectNode json() {
            ObjectNode json = JSON.createObjectNode().put("op", change.name().toLowerCase(java.util.Locale.ROOT))
                    .put("id", id);
            if (change == Change.ADD) json.put("text", text);
            metadata.ifPresent(its -> json.set("metadata", its));
            return json;
        }
    }

    private ResponseJournal(Path file) {
        this.file = file;
    }

    /**
     * Reads the journal in a file; one that is not there is empty.
     *
     * @throws BadInput if it holds anything else, naming the line
     */
    static ResponseJournal open(Path file) throws IOException {
        ResponseJournal journal = new ResponseJournal(file);
        if (!Files.exists(file)) return journal;
        if (!Files.isRegularFile(file)) throw BadInput.in(file, "is no file", "move it away");
        if (Files.size(file) > LARGEST) throw BadInput.in(file, "is too large", "put its replies into the index");
        journal.read(Files.readAllBytes(file));
        return journal;
    }

    private void read(byte[] bytes) {
        int from = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] != '\n') continue;
            entries.add(entry(new String(bytes, from, at - from, StandardCharsets.UTF_8), entries.size() + 1));
            from = at + 1;
        }
        length = from;
    }

    private Entry entry(String line, int number) {
        try {
            JsonNode json = JSON.readTree(line);
            Change change = switch (json.path("op").asText()) {
                case "add" -> Change.ADD;
                case "disable" -> Change.DISABLE;
                case "enable" -> Change.ENABLE;
                default -> throw damaged(number, "has no known \"op\"");
            };
            Optional<ObjectNode> metadata = json.get("metadata") instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
            String id = json.path("id").asText();
            if (!ResponseIds.isId(id)) throw damaged(number, "has no \"id\"");
            if (change == Change.ADD && !json.path("text").isTextual()) throw damaged(number, "has no \"text\"");
            return new Entry(change, id, json.path("text").asText(""), metadata);
        } catch (IOException e) {
            throw damaged(number, "is not JSON").causedBy(e);
        }
    }

    private BadInput damaged(int number, String problem) {
        return BadInput.atLine(file, number, problem,
                "correct the line, or delete it: what it changed is then undone");
    }

    /** Everything that was changed so far, from a number of entries on. */
    synchronized List<Entry> from(int number) {
        return List.copyOf(entries.subList(Math.min(number, entries.size()), entries.size()));
    }

    /**
     * Writes changes; they are on the disk when this returns. If it fails none of them is in the file.
     *
     * @throws Fault if the file cannot be written, or another process does
     */
    synchronized void append(List<Entry> changes) {
        try {
            if (lines == null) lines = opened();
            StringBuilder text = new StringBuilder();
            for (Entry each : changes) text.append(JSON.writeValueAsString(each.json())).append('\n');
            lines.append(text.toString().getBytes(StandardCharsets.UTF_8));
            entries.addAll(changes);
        } catch (IOException e) {
            throw Fault.of(507, "storage_failed", "the change cannot be kept, so nothing was changed: "
                    + "the server's disk is full or not writable");
        }
    }

    private AppendedLines opened() throws IOException {
        AppendedLines opened = AppendedLines.open(file).orElseThrow(ResponseJournal::busy);
        try {
            for (byte each : opened.from(length)) if (each == '\n') throw busy(); // another's, since this was read
            opened.keep(length);
            return opened;
        } catch (Throwable e) {
            opened.close();
            throw e;
        }
    }

    private static Fault busy() {
        return Fault.of(409, "journal_in_use", "another process changes the responses of this index; "
                + "change them there and reload here, or give this server a state folder of its own");
    }

    @Override
    public synchronized void close() throws IOException {
        if (lines != null) lines.close();
    }
}
