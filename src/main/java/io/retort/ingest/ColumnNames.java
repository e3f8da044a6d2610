package io.retort.ingest;

import io.retort.ingest.Columns.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out by the names of a table's columns what they hold. What is unclear is for a setting to decide.
 *
 * @param names in the order of the table
 */
record ColumnNames(List<String> names) {
    /** The usual names without punctuation, in lower case: of those in one list only one should be there. */
    private static final Map<Role, List<List<String>>> USUAL = Map.of(
            Role.ID, List.of(
                    List.of("conversationid", "dialogueid", "dialogid", "convid", "chatid", "threadid", "sessionid",
                            "conversation", "dialogue", "dialog"),
                    List.of("thread", "session", "chat", "ticketid", "ticket", "caseid", "channelid", "channel", "room",
                            "roomid", "scene", "sceneid")),
            Role.SPEAKER, List.of(List.of("speaker", "speakername"),
                    List.of("role", "author", "authorname", "from", "sender", "sendername", "user", "username", "name",
                            "nickname", "who", "character", "participant", "speakerid", "speakeridx", "authorid")),
            Role.TEXT, List.of(List.of("text", "utterance", "message", "content"),
                    List.of("body", "messagetext", "msg", "line", "value", "transcript", "comment")),
            Role.TIME, List.of(List.of("timestamp", "time", "datetime", "date", "createdat", "sentat", "ts"),
                    List.of("turnid", "turnindex", "turnnumber", "turn", "utteranceidx", "utteranceid", "index", "seq",
                            "position")));

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
    }

    /** What a table's rows are and which column holds what. */
    record Found(boolean isExchanges, Map<Role, String> columns) {
        String told() {
            List<String> parts = new ArrayList<>();
            columns.forEach((role, name) -> parts.add(role.key() + " in `" + name + "`"));
            return String.join(", ", parts);
        }
    }

    /** Whether the names are, by themselves or by a setting, those of a table of conversations. */
    boolean areKnown(ReadingSettings settings) {
        Optional<Columns> named = settings.columns();
        boolean told = named.isPresent() && names.containsAll(named.get().names().values().stream()
                .filter(name -> !name.equals(Columns.NONE)).toList());
        return told || !pairs().isEmpty() || !candidates(Role.TEXT).isEmpty()
                && (!candidates(Role.ID).isEmpty() || !candidates(Role.SPEAKER).isEmpty());
    }

    private List<String> candidates(Role role) {
        for (List<String> equal : USUAL.get(role)) {
            List<String> there = names.stream().filter(name -> equal.contains(plain(name))).toList();
            if (!there.isEmpty()) return there;
        }
        return List.of();
    }

    private List<PairShape.Pair> pairs() {
        List<PairShape.Pair> found = new ArrayList<>();
        for (PairShape.Pair pair : PairShape.PAIRS) {
            Optional<String> context = names.stream().filter(name -> plain(name).equals(pair.context())).findFirst();
            Optional<String> response = names.stream().filter(name -> plain(name).equals(pair.response())).findFirst();
            if (context.isPresent() && response.isPresent()) {
                found.add(new PairShape.Pair(context.get(), response.get()));
            }
        }
        return found;
    }

    /**
     * Decides what the columns hold.
     *
     * @throws Undecided if names and setting together do not tell
     */
    Found find(Path file, Optional<Columns> setting) {
        Map<Role, String> named = new EnumMap<>(Role.class);
        setting.ifPresent(columns -> named.putAll(columns.names()));
        named.forEach((role, name) -> requireThere(file, role, name));
        List<PairShape.Pair> pairs = pairs();
        boolean isTold = named.containsKey(Role.CONTEXT) || named.containsKey(Role.RESPONSE);
        boolean isTurns = named.containsKey(Role.TEXT) || named.containsKey(Role.SPEAKER)
                || named.containsKey(Role.ID);
        if (isTold) {
            if (named.containsKey(Role.CONTEXT) && named.containsKey(Role.RESPONSE)) return new Found(true, named);
            throw undecided(file, "a context goes with a response", List.of("context=NAME,response=NAME"));
        }
        boolean looksLikeTurns = !candidates(Role.TEXT).isEmpty() && (!candidates(Role.SPEAKER).isEmpty());
        if (!isTurns && (pairs.size() > 1 || !pairs.isEmpty() && looksLikeTurns)) {
            List<String> choices = new ArrayList<>(pairs.stream().map(PairShape.Pair::toString).toList());
            if (looksLikeTurns) choices.add("text=" + candidates(Role.TEXT).getFirst());
            throw undecided(file, "its columns could be read in several ways", choices);
        }
        if (!isTurns && pairs.size() == 1) {
            Map<Role, String> columns = new EnumMap<>(Role.class);
            columns.put(Role.CONTEXT, pairs.getFirst().context());
            columns.put(Role.RESPONSE, pairs.getFirst().response());
            return new Found(true, columns);
        }
        return turns(file, named);
    }

    private Found turns(Path file, Map<Role, String> named) {
        Map<Role, String> columns = new EnumMap<>(named);
        for (Role role : List.of(Role.TEXT, Role.SPEAKER, Role.ID)) {
            if (columns.containsKey(role)) continue;
            List<String> there = candidates(role).stream().filter(name -> !columns.containsValue(name)).toList();
            if (there.size() == 1) columns.put(role, there.getFirst());
            else throw unclear(file, role, there, columns);
        }
        if (!columns.containsKey(Role.TIME)) {
            candidates(Role.TIME).stream().filter(name -> !columns.containsValue(name)).findFirst()
                    .ifPresent(name -> columns.put(Role.TIME, name));
        }
        columns.values().removeIf(Columns.NONE::equals);
        if (!columns.containsKey(Role.TEXT)) throw undecided(file, "no column holds the texts", List.of("text=NAME"));
        return new Found(false, columns);
    }

    private Undecided unclear(Path file, Role role, List<String> there, Map<Role, String> found) {
        String what = switch (role) {
            case TEXT -> "holds the texts";
            case SPEAKER -> "holds the speakers";
            default -> "tells conversations apart";
        };
        String already = found.isEmpty() ? "" : new Columns(found) + ",";
        Set<String> choices = new LinkedHashSet<>();
        for (String name : there.isEmpty() ? names : there) {
            if (!found.containsValue(name)) choices.add(already + role.key() + "=" + name);
        }
        if (role != Role.TEXT) choices.add(already + role.key() + "=-");
        if (role == Role.TEXT) choices.add("context=NAME,response=NAME");
        String none = role == Role.ID
                ? " (- for one conversation)"
                : role == Role.SPEAKER ? " (- for speakers who take turns)" : "";
        return undecided(file,
                "which of its columns " + String.join(", ", names) + " " + what + " cannot be told" + none,
                List.copyOf(choices));
    }

    private void requireThere(Path file, Role role, String name) {
        if (name.equals(Columns.NONE) || names.contains(name)) return;
        throw undecided(file, "has no column `" + name + "`",
                names.stream().map(each -> role.key() + "=" + each).toList());
    }

    private static Undecided undecided(Path file, String problem, List<String> choices) {
        return new Undecided(file, "columns", problem, choices);
    }
}
