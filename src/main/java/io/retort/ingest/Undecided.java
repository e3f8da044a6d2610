package io.retort.ingest;

import io.retort.files.BadInput;
import java.nio.file.Path;
import java.util.List;

/**
 * A file whose content does not tell how it is to be read. One setting decides; who can ask, asks for its value and
 * begins again.
 */
public final class Undecided extends BadInput {
    private static final long serialVersionUID = 1L;

    private final String setting;
    private final String problem;
    private final transient List<String> choices;

    /**
     * @param setting key of the setting that decides
     * @param problem what is unclear, without the file's name
     * @param choices values that the setting could have; each is complete
     */
    public Undecided(Path file, String setting, String problem, List<String> choices) {
        super(BadInput.in(file, problem, remedy(setting, choices)).getMessage(), null);
        this.setting = setting;
        this.problem = file + ": " + problem;
        this.choices = List.copyOf(choices);
    }

    private static String remedy(String setting, List<String> choices) {
        return "set \"" + setting + "\" to " + String.join(" or ", choices);
    }

    /** Key of the setting that decides. */
    public String setting() {
        return setting;
    }

    /** What is unclear, with the file's name. */
    public String problem() {
        return problem;
    }

    /** Values that the setting could have. */
    public List<String> choices() {
        return choices;
    }
}
