package io.retort.teacher.remote;

import io.retort.generate.PromptChoice;
import io.retort.settings.InvalidSetting;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a {@link RemoteTeacher} is, and how it is asked. There is no key among the settings, so that none gets into a
 * file: they name the environment variable that holds it.
 *
 * @param address     such as {@code http://127.0.0.1:8000/v1}
 * @param model       as the server calls it; empty for the only one that it has
 * @param keyVariable the environment variable of the key; a server that wants none is asked without
 * @param prompt      what stands around a context: continuations need the server's {@code /completions}
 * @param history     newest turns of a context that it reads, 1 or more
 * @param requests    that are under way at a time, 1 to {@value #MOST_REQUESTS}
 * @param timeout     for a whole answer
 * @param retries     how often a request is sent again after a fault, 0 or more
 */
public record RemoteTeacherSettings(URI address, Optional<String> model, String keyVariable, PromptChoice prompt,
        int history, int requests, Duration timeout, int retries) {
    /** The usual environment variable of the key. */
    public static final String KEY_VARIABLE = "RETORT_TEACHER_KEY";
    /** The most requests that may be under way at a time. */
    public static final int MOST_REQUESTS = 1024;
    private static final int MOST_RETRIES = 100;

    /** @throws InvalidSetting if a value is out of its range, or the address holds more than an address */
    public RemoteTeacherSettings {
        String problem = problem(address);
        if (!problem.isEmpty()) throw new InvalidSetting("address", "no address of a server", problem, REMEDY);
        InvalidSetting.unless(model.isEmpty() || !model.get().isBlank(), "model", model, "name it, or leave it out");
        InvalidSetting.unless(keyVariable.matches("[A-Za-z_][A-Za-z0-9_]*"), "keyVariable", "no name of a variable",
                "give the name of an environment variable, not the key itself");
        InvalidSetting.unless(history >= 1, "history", history, "keep at least 1 turn");
        InvalidSetting.unless(requests >= 1 && requests <= MOST_REQUESTS, "requests", requests,
                "use 1 to " + MOST_REQUESTS);
        InvalidSetting.unless(timeout.isPositive(), "timeout", timeout, "use more than 0");
        InvalidSetting.unless(retries >= 0 && retries <= MOST_RETRIES, "retries", retries, "use 0 to " + MOST_RETRIES);
    }

    private static final String REMEDY = "write it like http://127.0.0.1:8000/v1, and give a key by an environment "
            + "variable";

    /** The usual settings for a server: eight requests at a time, two minutes for an answer, eight tries again. */
    public static RemoteTeacherSettings of(URI address) {
        return new RemoteTeacherSettings(address, Optional.empty(), KEY_VARIABLE, PromptChoice.usual(), 4, 8,
                Duration.ofMinutes(2), 8);
    }

    /** Whether a text is meant as a server's address rather than as a file's name. */
    public static boolean isAddress(String text) {
        String begin = text.strip().toLowerCase(Locale.ROOT);
        return begin.startsWith("http://") || begin.startsWith("https://");
    }

    /**
     * Reads a server's address. What is refused is not told, for it may hold a password.
     *
     * @throws IllegalArgumentException if it is none, or holds a user, a query or a fragment
     */
    public static URI address(String text) {
        URI address;
        try {
            address = URI.create(text.strip().replaceFirst("/+$", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the server's address is none; " + REMEDY);
        }
        String problem = problem(address);
        if (!problem.isEmpty()) throw new IllegalArgumentException("the server's address " + problem + "; " + REMEDY);
        return address;
    }

    private static String problem(URI address) {
        if (address.getRawUserInfo() != null) return "holds a user or a password";
        if (address.getRawQuery() != null || address.getRawFragment() != null) return "holds more than a path";
        boolean isHttp = "http".equalsIgnoreCase(address.getScheme()) || "https".equalsIgnoreCase(address.getScheme());
        if (!isHttp || address.getHost() == null) return "has no host";
        return "";
    }

    /** A copy of these settings that asks another model of the server. */
    public RemoteTeacherSettings withModel(String model) {
        return new RemoteTeacherSettings(address, Optional.of(model), keyVariable, prompt, history, requests, timeout,
                retries);
    }

    /** A copy of these settings whose key stands in another environment variable. */
    public RemoteTeacherSettings withKeyVariable(String keyVariable) {
        return new RemoteTeacherSettings(address, model, keyVariable, prompt, history, requests, timeout, retries);
    }

    /** A copy of these settings that puts something else around a context. */
    public RemoteTeacherSettings withPrompt(PromptChoice prompt) {
        return new RemoteTeacherSettings(address, model, keyVariable, prompt, history, requests, timeout, retries);
    }

    /** A copy of these settings with another number of turns that are read. */
    public RemoteTeacherSettings withHistory(int history) {
        return new RemoteTeacherSettings(address, model, keyVariable, prompt, history, requests, timeout, retries);
    }

    /** A copy of these settings with another number of requests at a time. */
    public RemoteTeacherSettings withRequests(int requests) {
        return new RemoteTeacherSettings(address, model, keyVariable, prompt, history, requests, timeout, retries);
    }

    /** A copy of these settings that waits otherwise for answers, and asks again otherwise. */
    public RemoteTeacherSettings withPatience(Duration timeout, int retries) {
        return new RemoteTeacherSettings(address, model, keyVariable, prompt, history, requests, timeout, retries);
    }
}
