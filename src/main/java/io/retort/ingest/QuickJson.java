package io.retort.ingest;

import io.retort.dialogue.DialogueLine;
import io.retort.files.JsonCursor;
import io.retort.files.WhiteSpace;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads conversations that stand one a line straight from their bytes, in the plainest form of their shapes: an id, a
 * list of turns of two fields each, or a context and its response, and further fields that say nothing to the reader.
 * Whatever else a line holds, it leaves it to {@link JsonShape#read}; the two give the same wherever this gives any. One
 * thread.
 */
abstract class QuickJson {
    private static final int MOST_DEPTH = 16;
    private static final int MOST_KEY = 200;

    final Source source;
    final JsonCursor cursor = new JsonCursor();
    final DialogueLine.Draft draft = new DialogueLine.Draft();
    private final String[] ids = new String[JsonConversation.IDS.size()];
    private String origin;

    QuickJson(Source source) {
        this.source = source;
    }

    /**
     * The dialogue of a line, whose bytes are copied; null where {@link JsonShape#read} must see it.
     *
     * @param line its number, from 1
     */
    final DialogueLine read(byte[] utf8, int length, long line) {
        byte[] own = Arrays.copyOf(utf8, length);
        cursor.open(own, length);
        draft.begin(own);
        Arrays.fill(ids, null);
        origin = null;
        begin();
        if (!cursor.take('{')) return null;
        do {
            String key = cursor.familiarString();
            if (key == null || key.length() > MOST_KEY || !cursor.take(':') || !field(key)) return null;
        } while (cursor.take(','));
        if (!cursor.take('}') || cursor.peek() != -1 || !end()) return null;
        return draft.end(id(line), origin == null ? "" : origin, "", Map.of());
    }

    /** Forgets the line before. */
    abstract void begin();

    /** Whether the shape itself reads a field. */
    abstract boolean knows(String key);

    /** Reads the value of a field that the shape knows; false if it takes a closer look. */
    abstract boolean value(String key);

    /** Whether the line is complete, its turns being in the draft; what it leaves out is counted then. */
    abstract boolean end();

    private boolean field(String key) {
        if (knows(key)) return value(key);
        int place = JsonConversation.IDS.indexOf(key);
        if (place >= 0) return ids[place] == null && (ids[place] = idText()) != null;
        if (!key.equals("source")) return skip(0);
        return origin == null && (origin = cursor.string()) != null;
    }

    /** A text that is not blank, or a whole number. */
    private String idText() {
        if (cursor.peek() != '"') {
            Integer number = cursor.number();
            return number == null ? null : number.toString();
        }
        String text = cursor.string();
        return text == null || WhiteSpace.isBlank(text) ? null : text;
    }

    private String id(long line) {
        for (String id : ids) if (id != null) return id;
        return source.idAt(line);
    }

    /** Passes over a value that says nothing; false for one that takes a closer look. */
    private boolean skip(int depth) {
        return switch (cursor.peek()) {
            case '"' -> cursor.takeString();
            case '{' -> depth < MOST_DEPTH && skipObject(depth);
            case '[' -> depth < MOST_DEPTH && skipList(depth);
            case 't' -> cursor.takeWord("true");
            case 'f' -> cursor.takeWord("false");
            case 'n' -> cursor.takeWord("null");
            default -> cursor.takeNumber();
        };
    }

    private boolean skipObject(int depth) {
        cursor.take('{');
        if (cursor.take('}')) return true;
        do {
            String key = cursor.familiarString();
            if (key == null || key.length() > MOST_KEY || !cursor.take(':') || !skip(depth + 1)) return false;
        } while (cursor.take(','));
        return cursor.take('}');
    }

    private boolean skipList(int depth) {
        cursor.take('[');
        if (cursor.take(']')) return true;
        do {
            if (!skip(depth + 1)) return false;
        } while (cursor.take(','));
        return cursor.take(']');
    }

    /** Takes the string that was passed last as a turn's text; false if it is blank. */
    final boolean addTurn(String speaker) {
        return cursor.isPlain()
                ? draft.add(speaker, cursor.from(), cursor.to())
                : draft.add(speaker, cursor.taken());
    }

    /** A list of turns with a speaker and a text each, by the names of their fields. */
    static final class Turns extends QuickJson {
        private static final int MOST_SPEAKERS = 1000;

        private enum Role {
            ASSISTANT, INSTRUCTION, TOOL, OTHER;

            static Role of(String speaker) {
                String role = speaker.toLowerCase(Locale.ROOT);
                if (JsonConversation.INSTRUCTIONS.contains(role)) return INSTRUCTION;
                if (JsonConversation.TOOLS.contains(role)) return TOOL;
                return ReplySpeakers.isAssistant(speaker) ? ASSISTANT : OTHER;
            }
        }

        private final List<String> lists;
        private final Map<String, Role> roles = new HashMap<>();
        private boolean hasList;
        private boolean hasAssistant;
        private int instructions;
        /** The fields of the turn that was read last. */
        private String who = "", what = "";

        /** @param lists names of the field that holds the list, of which a record has one */
        Turns(Source source, List<String> lists) {
            super(source);
            this.lists = lists;
        }

        @Override
        void begin() {
            hasList = hasAssistant = false;
            instructions = 0;
        }

        @Override
        boolean knows(String key) {
            return lists.contains(key);
        }

        @Override
        boolean value(String key) {
            if (hasList || !cursor.take('[')) return false;
            hasList = true;
            do {
                if (!turn()) return false;
            } while (cursor.take(','));
            return cursor.take(']');
        }

        /** A turn of just two fields, the speaker before the text, by the names that the turn before has. */
        private boolean turn() {
            if (!cursor.take('{') || !names(draft.turns() == 0)) return false;
            String speaker = cursor.familiarString();
            if (speaker == null || !cursor.take(',') || !text(draft.turns() == 0)) return false;
            return addTurn(speaker) && cursor.take('}') && isTurn(speaker);
        }

        private boolean names(boolean isFirst) {
            if (!cursor.takeString(who)) {
                who = isFirst ? cursor.string() : null;
                if (who == null || !JsonConversation.SPEAKERS.contains(who)) return unknown();
            }
            return cursor.take(':');
        }

        private boolean text(boolean isFirst) {
            if (!cursor.takeString(what)) {
                what = isFirst ? cursor.string() : null;
                if (what == null || !JsonConversation.TEXTS.contains(what)) return unknown();
            }
            return cursor.take(':') && cursor.takeString();
        }

        private boolean unknown() {
            who = what = "";
            return false;
        }

        private boolean isTurn(String speaker) {
            if (!JsonConversation.ROLE_FIELDS.contains(who)) return true;
            Role role = role(speaker);
            if (role == Role.INSTRUCTION) instructions++;
            hasAssistant |= role == Role.ASSISTANT;
            return role != Role.TOOL;
        }

        private Role role(String speaker) {
            Role known = roles.get(speaker);
            if (known != null) return known;
            Role role = Role.of(speaker);
            if (roles.size() < MOST_SPEAKERS) roles.put(speaker, role);
            return role;
        }

        /** What the system was told is no turn where somebody is an assistant. */
        @Override
        boolean end() {
            if (!hasList || instructions == 0 || !hasAssistant) return hasList;
            draft.leaveOut(speaker -> role(speaker) == Role.INSTRUCTION);
            source.leaveOut("system messages", instructions);
            return true;
        }
    }

    /** A context, as a text or a list of texts, and its response. */
    static final class Pairs extends QuickJson {
        private static final Set<String> FIELDS = PairShape.PAIRS.stream()
                .flatMap(pair -> Stream.of(pair.context(), pair.response())).collect(Collectors.toUnmodifiableSet());
        /** Fields that change what a pair means. */
        private static final Set<String> OTHERS = Set.of("history", "rejected", "system", "candidates", "positive");

        private String context;
        private String response;
        private PairShape.Pair pair = PairShape.PAIRS.getFirst();
        private String told = pair.told();

        Pairs(Source source) {
            super(source);
        }

        @Override
        void begin() {
            context = response = null;
        }

        @Override
        boolean knows(String key) {
            return FIELDS.contains(key) || OTHERS.contains(key);
        }

        @Override
        boolean value(String key) {
            if (response != null || OTHERS.contains(key)) return false;
            if (context == null) {
                context = key;
                return context();
            }
            response = key;
            return cursor.takeString() && addTurn(PairShape.ASSISTANT);
        }

        /** A text, or texts of which the last is the user's. */
        private boolean context() {
            if (!cursor.take('[')) return cursor.takeString() && addTurn(PairShape.USER);
            do {
                if (!cursor.takeString() || !addTurn(PairShape.USER)) return false;
            } while (cursor.take(','));
            for (int i = draft.turns() - 2; i >= 0; i -= 2) draft.speaker(i, PairShape.ASSISTANT);
            return cursor.take(']');
        }

        @Override
        boolean end() {
            if (response == null) return false;
            if (!pair.context().equals(context) || !pair.response().equals(response)) {
                PairShape.Pair other = new PairShape.Pair(context, response);
                if (!PairShape.PAIRS.contains(other)) return false;
                pair = other;
                told = pair.told();
            }
            source.detail(told);
            return true;
        }
    }
}
