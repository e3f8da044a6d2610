package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueLine;
import io.retort.dialogue.Exchanges;
import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Whose turns are replies: the speakers that were asked for, by name or role; else those that the dialogue itself names
 * ({@link Dialogue#repliers()}); else, in a dialogue where one speaker has
 * an assistant's role and another has not, the assistant's; else everybody's. Contexts keep all speakers. One thread.
 */
public final class ReplySpeakers {
    /** What stands for every speaker. */
    public static final String ALL = "all";
    private static final Set<String> ASSISTANT = Set.of("assistant", "bot", "chatbot", "agent", "gpt", "chatgpt",
            "bard",
            "model", "ai", "system", "npc", "operator", "support", "wizard");
    private static final Set<String> USER = Set.of("user", "human", "customer", "client", "player", "guest", "visitor",
            "caller", "prompter", "apprentice");
    private static final int MOST_NAMES = 12;
    private static final int MOST_KEPT = 1000;

    private final Set<String> wanted = new LinkedHashSet<>();
    private final List<String> asked;
    private final Set<String> chosen = new TreeSet<>();
    private final Set<String> seen = new LinkedHashSet<>();
    private final Map<String, Boolean> roles = new ConcurrentHashMap<>(); // asked by whoever counts replies
    private final Predicate<String> hasRole = this::hasRole;
    private String lastChosen;
    private boolean found;
    private boolean any;

    ReplySpeakers(List<String> asked) {
        this.asked = asked;
        for (String name : asked) {
            String lower = key(name);
            wanted.add(lower);
            if (lower.equals("assistant")) wanted.addAll(ASSISTANT);
            if (lower.equals("user")) wanted.addAll(USER);
        }
    }

    private static String key(String speaker) {
        return speaker.strip().toLowerCase(Locale.ROOT);
    }

    /** {@link #isAssistant} of labels that come time and again. */
    private boolean hasRole(String speaker) {
        Boolean known = roles.get(speaker);
        if (known != null) return known;
        boolean assistant = isAssistant(speaker);
        if (roles.size() < MOST_KEPT) roles.put(speaker, assistant);
        return assistant;
    }

    static boolean isAssistant(String speaker) {
        return ASSISTANT.contains(key(speaker));
    }

    /** The rules with the turns of a dialogue's repliers as its replies. */
    public Exchanges of(Dialogue dialogue, Exchanges rules) {
        return repliers(DialogueLine.of(dialogue)).map(rules::withReplier).orElse(rules);
    }

    /** Tells whose turns are a dialogue's replies; empty if everybody's are. */
    public Optional<Predicate<String>> repliers(DialogueLine dialogue) {
        if (wanted.contains(ALL)) return Optional.empty();
        if (!wanted.isEmpty()) return Optional.of(speaker -> wanted.contains(key(speaker)));
        Optional<List<String>> named = dialogue.repliers();
        if (named.isPresent()) return Optional.of(named.get()::contains);
        return hasRoles(dialogue) ? Optional.of(hasRole) : Optional.empty();
    }

    private boolean hasRoles(DialogueLine dialogue) {
        boolean assistant = false;
        boolean other = false;
        for (int i = 0; i < dialogue.turns(); i++) {
            if (hasRole(dialogue.speaker(i))) assistant = true;
            else other = true;
            if (assistant && other) return true;
        }
        return false;
    }

    /** Takes note of who speaks in a dialogue. */
    void see(DialogueLine dialogue) {
        any = true;
        if (wanted.isEmpty()) {
            Optional<List<String>> named = dialogue.repliers();
            if (named.isPresent()) {
                for (String each : named.get()) if (chosen.size() < MOST_NAMES) chosen.add(each);
                return;
            }
            if (!hasRoles(dialogue)) return;
            for (int i = 0; i < dialogue.turns(); i++) {
                String speaker = dialogue.speaker(i);
                if (speaker == lastChosen || !hasRole(speaker)) continue;
                chosen.add(speaker);
                lastChosen = speaker;
            }
        } else if (!found) {
            for (int i = 0; i < dialogue.turns(); i++) {
                found |= wanted.contains(ALL) || wanted.contains(key(dialogue.speaker(i)));
                if (seen.size() < MOST_NAMES) seen.add(dialogue.speaker(i));
            }
        }
    }

    /** Refuses a file in which nobody speaks who was asked for. */
    void requireSome(Path file) {
        if (wanted.isEmpty() || found || !any) return;
        throw BadInput.in(file, "has no turn of " + String.join(" or ", asked) + "; its speakers are "
                + String.join(", ", seen), "set \"speaker\" to one of them");
    }

    /** Speakers whose turns were taken as replies though nobody asked for them, a dozen at most; empty if there are none. */
    List<String> chosenByThemselves() {
        return List.copyOf(chosen);
    }
}
