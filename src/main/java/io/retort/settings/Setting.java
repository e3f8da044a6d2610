package io.retort.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes a component of a settings record: what it means, and how it is called in files and on command lines. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** What the setting decides, in whole sentences for people; without the default, which is read from the record. */
    String value();

    /**
     * The setting's key; if empty, the component's name in lower case with dashes: {@code batchSize} is {@code
     * batch-size}.
     */
    String key() default "";

    /** What stands for the setting's value in help texts, such as {@code N} or {@code FILE}. */
    String label() default "VALUE";

    /**
     * Whether results depend on the setting. A run may be resumed with other values of settings that decide nothing,
     * such as a number of threads.
     */
    boolean decides() default true;

    /** How the default is described where no single value says it, such as "20 for cosines, 1 for dot products". */
    String defaultText() default "";
}
