package io.retort.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says how a group of settings stands within a settings record: which of its settings are decided by the record around
 * it, and by what name the others are called there.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface SettingGroup {
    /** Keys of the group that cannot be set within this record. */
    String[] without() default {};

    /** What to do instead of setting the withheld keys; keys of other settings stand in double quotes. */
    String instead() default "";

    /**
     * What the keys of the group begin with here, such as {@code train-}, so that several groups may have settings of
     * one name; empty if they are called as they are.
     */
    String prefix() default "";
}
