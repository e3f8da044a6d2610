package io.retort.dialogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.retort.files.JsonBytes;
import io.retort.files.WhiteSpace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A dialogue whose texts are still the bytes of the line that it was read from, where those are ASCII without escapes:
 * most of a large file is counted and written again without ever being a {@link String}. Immutable, though its arrays
 * are its own; any thread.
 */
public final class DialogueLine {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final byte[] ID = ascii("{\"id\":"), SOURCE = ascii(",\"source\":"), SPLIT = ascii(",\"split\":"),
            TURNS = ascii(",\"turns\":["), SPEAKER = ascii("{\"s\":"), TEXT = ascii(",\"t\":"),
            META = ascii(",\"meta\":");

    private final String id;
    private final String source;
    private final String split;
    private final Map<String, Object> meta;
    private final byte[] bytes;
    private final String[] speakers;
    private final String[] texts; // null where the text is plain
    private final int[] spans; // where plain texts begin and end

    private DialogueLine(String id, String source, String split, Map<String, Object> meta, byte[] bytes,
            String[] speakers, String[] texts, int[] spans) {
        this.id = id;
        this.source = source;
        this.split = split;
        this.meta = meta;
        this.bytes = bytes;
        this.speakers = speakers;
        this.texts = texts;
        this.spans = spans;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A dialogue that was read by other means; none of its texts is plain. */
    public static DialogueLine of(Dialogue dialogue) {
        int turns = dialogue.turns().size();
        String[] speakers = new String[turns];
        String[] texts = new String[turns];
        for (int i = 0; i < turns; i++) {
            speakers[i] = dialogue.turns().get(i).speaker();
            texts[i] = dialogue.turns().get(i).text();
        }
        return new DialogueLine(dialogue.id(), dialogue.source(), dialogue.split(), dialogue.meta(), null, speakers,
                texts, null);
    }

    /** This dialogue with all its texts. */
    public Dialogue dialogue() {
        List<Turn> turns = new ArrayList<>(speakers.length);
        for (int i = 0; i < speakers.length; i++) turns.add(new Turn(speakers[i], text(i)));
        return new Dialogue(id, source, split, turns, meta);
    }

    public String id() {
        return id;
    }

    public Map<String, Object> meta() {
        return meta;
    }

    /** Number of turns. */
    public int turns() {
        return speakers.length;
    }

    public String speaker(int turn) {
        return speakers[turn];
    }

    /** Who speaks, turn by turn. */
    public List<String> speakers() {
        return List.of(speakers);
    }

    /** Characters or bytes of all texts together, and some for each turn. */
    public long weight() {
        long weight = 16L * turns();
        for (int i = 0; i < turns(); i++) weight += texts[i] == null ? to(i) - from(i) : texts[i].length();
        return weight;
    }

    /** What is said in a turn. */
    public String text(int turn) {
        return texts[turn] != null
                ? texts[turn]
                : new String(bytes, spans[2 * turn], spans[2 * turn + 1] - spans[2 * turn],
                        StandardCharsets.ISO_8859_1);
    }

    /** Whether a text is ASCII and stands in {@link #bytes()}. */
    public boolean isPlain(int turn) {
        return texts[turn] == null;
    }

    /** What plain texts stand in; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where a plain text begins. */
    public int from(int turn) {
        return spans[2 * turn];
    }

    /** Where a plain text ends. */
    public int to(int turn) {
        return spans[2 * turn + 1];
    }

    /** As {@link Dialogue#repliers()}. */
    public Optional<List<String>> repliers() {
        return Dialogue.repliers(meta);
    }

    /** As {@link Dialogue#withRepliers}. */
    public DialogueLine withRepliers(List<String> chosen) {
        return new DialogueLine(id, source, split, PlainValues.copyOf(Dialogue.marked(meta, chosen)), bytes, speakers,
                texts, spans);
    }

    /** This dialogue by another id. */
    public DialogueLine withId(String other) {
        return new DialogueLine(other, source, split, meta, bytes, speakers, texts, spans);
    }

    /** Writes the line of {@link DialogueFile} that holds the dialogue. */
    void write(JsonBytes to) {
        to.raw(ID);
        to.string(id);
        to.raw(SOURCE);
        to.string(source);
        to.raw(SPLIT);
        to.string(split);
        to.raw(TURNS);
        for (int i = 0; i < speakers.length; i++) {
            if (i > 0) to.mark(',');
            to.raw(SPEAKER);
            to.string(speakers[i]);
            to.raw(TEXT);
            if (texts[i] != null) {
                to.string(texts[i]);
            } else {
                to.mark('"');
                to.raw(bytes, spans[2 * i], spans[2 * i + 1]);
                to.mark('"');
            }
            to.mark('}');
        }
        to.mark(']');
        if (!meta.isEmpty()) {
            to.raw(META);
            to.raw(json(meta));
        }
        to.mark('}');
    }

    private static byte[] json(Map<String, Object> values) {
        try {
            return MAPPER.writeValueAsBytes(PlainValues.json(values));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("meta cannot be written as JSON", e);
        }
    }

    /** A dialogue in the making, turn by turn; used again for the next one. One thread. */
    public static final class Draft {
        private byte[] bytes;
        private String[] speakers = new String[16];
        private String[] texts = new String[16];
        private int[] spans = new int[32];
        private int turns;

        /** Begins a dialogue whose plain texts stand in these bytes, which nobody changes from now on. */
        public void begin(byte[] line) {
            bytes = line;
            turns = 0;
        }

        /** Takes plain bytes of the line as a turn's text; false if they are blank. */
        public boolean add(String speaker, int from, int to) {
            if (isBlank(from, to)) return false;
            reserve();
            spans[2 * turns] = from;
            spans[2 * turns + 1] = to;
            texts[turns] = null;
            speakers[turns++] = speaker;
            return true;
        }

        /** Takes a turn's text that is written otherwise than it reads; false if it is blank. */
        public boolean add(String speaker, String text) {
            if (WhiteSpace.isBlank(text)) return false;
            reserve();
            texts[turns] = text;
            speakers[turns++] = speaker;
            return true;
        }

        private void reserve() {
            if (turns < speakers.length) return;
            speakers = Arrays.copyOf(speakers, 2 * turns);
            texts = Arrays.copyOf(texts, 2 * turns);
            spans = Arrays.copyOf(spans, 4 * turns);
        }

        /** ASCII shows something but for white space and controls. */
        private boolean isBlank(int from, int to) {
            for (int i = from; i < to; i++) if (bytes[i] > ' ' && bytes[i] < 0x7f) return false;
            return true;
        }

        /** Number of turns so far. */
        public int turns() {
            return turns;
        }

        /** Says otherwise who speaks in a turn. */
        public void speaker(int turn, String speaker) {
            speakers[turn] = speaker;
        }

        /** Leaves out the turns of some speakers. */
        public void leaveOut(Predicate<String> who) {
            int kept = 0;
            for (int i = 0; i < turns; i++) {
                if (who.test(speakers[i])) continue;
                speakers[kept] = speakers[i];
                texts[kept] = texts[i];
                spans[2 * kept] = spans[2 * i];
                spans[2 * kept++ + 1] = spans[2 * i + 1];
            }
            turns = kept;
        }

        /**
         * The dialogue.
         *
         * @param meta not changed by anybody from now on
         */
        public DialogueLine end(String id, String source, String split, Map<String, Object> meta) {
            if (turns == 0) throw new IllegalArgumentException("dialogue " + id + " without turns");
            return new DialogueLine(id, source, split, meta, bytes, Arrays.copyOf(speakers, turns),
                    Arrays.copyOf(texts, turns), Arrays.copyOf(spans, 2 * turns));
        }
    }
}
