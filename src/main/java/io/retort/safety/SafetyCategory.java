package io.retort.safety;

import io.retort.files.BadInput;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Why a text is stopped, the gravest first: where several hold, the first one counts. */
public enum SafetyCategory {
    /** Somebody is in danger: suicide, self-harm, abuse that is suffered, a medical emergency. */
    CRISIS("crisis"),
    /** Slurs, and contempt of people for what they are. */
    HATE("hate against a group"),
    /** Threats, wishes of harm, and how to hurt people. */
    VIOLENCE("violence"),
    /** Explicit sexual text. */
    SEXUAL("sexual content"),
    /** How to come by drugs or commit crimes. */
    ILLICIT("drugs or crime"),
    /** Insults to whoever is spoken to, and how to hurt others by words. */
    HARASSMENT("insult"),
    /** Nothing of the above by its words, but what people say to provoke a bot, by the classifier. */
    PROVOCATION("provocation"),
    /** Coarse words that insult nobody. */
    PROFANITY("coarse word"),
    /** Milder words and grave topics, which only the strict level stops. */
    SENSITIVE("sensitive topic"),
    /** Text in a language that the replies are not in. */
    LANGUAGE("another language");

    private final String description;

    SafetyCategory(String description) {
        this.description = description;
    }

    /** What it is, for people. */
    public String description() {
        return description;
    }

    /** Its name in files and on command lines. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The category of that name.
     *
     * @throws BadInput if there is none
     */
    static SafetyCategory of(String key) {
        return Arrays.stream(values()).filter(each -> each.key().equals(key)).findFirst()
                .orElseThrow(() -> BadInput.of("there is no category \"" + key + "\" of what is stopped",
                        "use one of " + Arrays.stream(values()).map(SafetyCategory::key)
                                .collect(Collectors.joining(", "))));
    }
}
