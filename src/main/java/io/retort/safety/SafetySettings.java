package io.retort.safety;

import com.fasterxml.jackson.databind.JsonNode;
import io.retort.curate.LanguageGuess;
import io.retort.files.BadInput;
import io.retort.files.JsonFile;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a screen judges, and what is said where it stops something.
 *
 * @param level     how strict it is
 * @param languages codes of the languages in which people are answered; none to answer in all, {@link #OF_THE_REPLIES}
 *                  alone for those that the replies are in
 * @param lexicon   what is changed of the lexicon
 * @param crisis    said, in turn, to somebody in danger
 * @param refusals  said, in turn, to other things that are stopped
 * @param foreign   said, in turn, to another language
 */
public record SafetySettings(SafetyLevel level, Set<String> languages, LexiconChanges lexicon, List<String> crisis,
        List<String> refusals, List<String> foreign) {
    /** Stands for the languages of the replies among which a screen works, as far as they are known. */
    public static final String OF_THE_REPLIES = "replies";
    private static final int MOST_BYTES = 1 << 20;
    private static final Set<String> KEYS = Set.of("level", "languages", "add", "allow", "remove", "crisis", "refusals",
            "foreign");
    private static final List<String> USUAL_CRISIS = List.of(
            "I am a program and cannot help with this, but people can. If somebody is in danger, please call your local "
                    + "emergency number now. If you are thinking of harming yourself, please talk to somebody you trust, "
                    + "or to a crisis line where you live. You do not have to go through this alone.");
    private static final List<String> USUAL_REFUSALS = List
            .of("I would rather not talk about that. What else is on your "
                    + "mind?", "That is nothing I want to talk about. Shall we talk about something else?");
    private static final List<String> USUAL_FOREIGN = List.of("I am sorry, I do not understand that language.");

    /** @throws IllegalArgumentException if there is nothing to say where something is stopped */
    public SafetySettings {
        languages = Set.copyOf(languages);
        crisis = List.copyOf(crisis);
        refusals = List.copyOf(refusals);
        foreign = List.copyOf(foreign);
        if (level == null) throw new IllegalArgumentException("level is null");
        if (lexicon == null) throw new IllegalArgumentException("lexicon is null");
        if (crisis.isEmpty()) throw new IllegalArgumentException("crisis is empty");
        if (refusals.isEmpty()) throw new IllegalArgumentException("refusals is empty");
        if (foreign.isEmpty()) throw new IllegalArgumentException("foreign is empty");
    }

    /** The standard level, for replies in English. */
    public static SafetySettings defaults() {
        return new SafetySettings(SafetyLevel.STANDARD, Set.of(OF_THE_REPLIES), LexiconChanges.NONE, USUAL_CRISIS,
                USUAL_REFUSALS, USUAL_FOREIGN);
    }

    /**
     * The usual settings with what a file says otherwise, and with a level that comes before the file's.
     *
     * @throws BadInput if the file says anything else than settings of a screen
     */
    public static SafetySettings of(Optional<SafetyLevel> level, Optional<Path> file) throws IOException {
        SafetySettings settings = file.isPresent() ? defaults().with(file.get()) : defaults();
        return level.map(settings::withLevel).orElse(settings);
    }

    /** A copy of these settings with another level. */
    public SafetySettings withLevel(SafetyLevel level) {
        return new SafetySettings(level, languages, lexicon, crisis, refusals, foreign);
    }

    /** A copy of these settings that answers in other languages. */
    public SafetySettings withLanguages(Set<String> languages) {
        return new SafetySettings(level, languages, lexicon, crisis, refusals, foreign);
    }

    /**
     * A copy of these settings with what a JSON file says otherwise, for example {@code {"crisis": ["Please call 112."],
     * "languages": ["en"], "add": {"harassment": ["you melon"]}, "allow": {"violence": ["kill the lights"]}}}.
     *
     * @throws BadInput if the file says anything else than settings of a screen
     */
    public SafetySettings with(Path file) throws IOException {
        JsonNode json = JsonFile.read(file, MOST_BYTES);
        if (!json.isObject()) throw BadInput.in(file, "is no JSON object", "write {\"crisis\": [\"...\"]} or the like");
        for (String key : (Iterable<String>) json::fieldNames) {
            if (!KEYS.contains(key)) {
                throw BadInput.in(file, "\"" + key + "\" is no setting of a safety screen",
                        "use some of " + String.join(", ", new TreeSet<>(KEYS)));
            }
        }
        try {
            SafetySettings said = new SafetySettings(level(json), languages(json),
                    new LexiconChanges(patterns(json, "add"), patterns(json, "allow"),
                            texts(json, "remove", List.of())),
                    texts(json, "crisis", crisis), texts(json, "refusals", refusals), texts(json, "foreign", foreign));
            Lexicon.with(said.lexicon); // tells of patterns that are none
            return said;
        } catch (BadInput | IllegalArgumentException e) {
            throw BadInput.in(file, e.getMessage(), "").causedBy(e);
        }
    }

    private SafetyLevel level(JsonNode json) {
        if (!json.has("level")) return level;
        for (SafetyLevel each : SafetyLevel.values()) {
            if (each.name().equalsIgnoreCase(json.get("level").asText())) return each;
        }
        throw BadInput.of("\"level\" is " + json.get("level"), "use off, standard or strict");
    }

    private Set<String> languages(JsonNode json) {
        Set<String> codes = new TreeSet<>(texts(json, "languages", List.copyOf(languages)));
        for (String code : codes) {
            if (!code.equals(OF_THE_REPLIES) && !LanguageGuess.languages().contains(code)) {
                throw BadInput.of("\"languages\" holds \"" + code + "\"",
                        "use some of " + String.join(",", LanguageGuess.languages()) + " or " + OF_THE_REPLIES);
            }
        }
        return codes;
    }

    private static Map<SafetyCategory, List<String>> patterns(JsonNode json, String key) {
        Map<SafetyCategory, List<String>> patterns = new EnumMap<>(SafetyCategory.class);
        JsonNode all = json.path(key);
        if (!all.isMissingNode() && !all.isObject()) {
            throw BadInput.of("\"" + key + "\" is " + all.getNodeType().toString().toLowerCase(java.util.Locale.ROOT)
                    + ", not patterns by category", "write {\"harassment\": [\"...\"]} or the like");
        }
        for (String category : (Iterable<String>) all::fieldNames) {
            patterns.put(SafetyCategory.of(category), texts(all, category, List.of()));
        }
        return patterns;
    }

    private static List<String> texts(JsonNode json, String key, List<String> absent) {
        if (!json.has(key)) return absent;
        if (!json.get(key).isArray()) throw BadInput.of("\"" + key + "\" is no list of texts", "write [\"...\"]");
        List<String> texts = new ArrayList<>();
        for (JsonNode text : json.get(key)) {
            if (!text.isTextual() || WhiteSpace.isBlank(text.textValue())) {
                throw BadInput.of("\"" + key + "\" holds " + text + ", which is no text",
                        "write a text or leave it out");
            }
            texts.add(text.textValue());
        }
        return texts;
    }
}
