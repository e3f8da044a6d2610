package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.generate.PromptChoice;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import io.retort.teacher.remote.Price;
import io.retort.teacher.remote.RemoteTeacherSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How a teacher behind HTTP is asked; the components say what each setting is. They count only where the teacher is a
 * server's address.
 */
public record ServerSettings(
        @Setting(value = "Of a teacher behind HTTP: the model as its server calls it.", label = "NAME",
                defaultText = "the only one that the server has") Optional<String> teacherModel,
        @Setting(value = "Of a teacher behind HTTP: the environment variable that holds the key, if the server wants "
                + "one.", label = "NAME", decides = false) String teacherKeyVariable,
        @Setting(value = "Of a teacher behind HTTP: requests that are under way at a time.", label = "N",
                decides = false) int teacherRequests,
        @Setting(value = "Of a teacher behind HTTP: seconds that it may take for an answer.", label = "S",
                decides = false) int teacherTimeout,
        @Setting(value = "Of a teacher behind HTTP: how often a request is sent again when the server fails or has no "
                + "room, after ever longer pauses.", label = "N", decides = false) int teacherRetries,
        @Setting(
                value = "Of a teacher behind HTTP: what a million tokens cost that are read and that are written, such "
                        + "as 0.15/0.60; with it the cost is told at the end.",
                label = "X/Y",
                decides = false) Optional<Price> price) {
    private static final int LONGEST_TIMEOUT = 24 * 3600;

    /** @throws InvalidSetting if a value is out of its range */
    public ServerSettings {
        unless(teacherKeyVariable.matches("[A-Za-z_][A-Za-z0-9_]*"), "teacherKeyVariable", "no name of a variable",
                "give the name of an environment variable, not the key itself");
        unless(teacherRequests >= 1 && teacherRequests <= RemoteTeacherSettings.MOST_REQUESTS, "teacherRequests",
                teacherRequests, "use 1 to " + RemoteTeacherSettings.MOST_REQUESTS);
        unless(teacherTimeout >= 1 && teacherTimeout <= LONGEST_TIMEOUT, "teacherTimeout", teacherTimeout,
                "use 1 to " + LONGEST_TIMEOUT);
        unless(teacherRetries >= 0 && teacherRetries <= 100, "teacherRetries", teacherRetries, "use 0 to 100");
    }

    /** The usual settings: eight requests at a time, two minutes for an answer, eight tries again. */
    public static ServerSettings defaults() {
        return new ServerSettings(Optional.empty(), RemoteTeacherSettings.KEY_VARIABLE, 8, 120, 8, Optional.empty());
    }

    /** A copy of these settings that asks for another model. */
    public ServerSettings withModel(String model) {
        return new ServerSettings(Optional.of(model), teacherKeyVariable, teacherRequests, teacherTimeout,
                teacherRetries, price);
    }

    /** A copy of these settings that waits otherwise for answers, and asks again otherwise. */
    public ServerSettings withPatience(int seconds, int retries) {
        return new ServerSettings(teacherModel, teacherKeyVariable, teacherRequests, seconds, retries, price);
    }

    /** Refuses settings that only a teacher behind HTTP has a use for. */
    void requireNone() {
        if (teacherModel.isPresent()) throw ofAServer("teacherModel", teacherModel);
        if (price.isPresent()) throw ofAServer("price", price);
    }

    private static InvalidSetting ofAServer(String parameter, Object value) {
        return new InvalidSetting(parameter, value, "which only a teacher behind HTTP has",
                "leave it out, or set \"teacher\" to an address such as http://127.0.0.1:8000/v1");
    }

    /** The settings as a {@link io.retort.teacher.remote.RemoteTeacher} takes them. */
    RemoteTeacherSettings of(URI address, PromptChoice prompt, int history) {
        return new RemoteTeacherSettings(address, teacherModel, teacherKeyVariable, prompt, history, teacherRequests,
                Duration.ofSeconds(teacherTimeout), teacherRetries);
    }
}
