/**
 * Settings of jobs: records whose components are described by {@link io.retort.settings.Setting}, and one codec between
 * them and JSON.
 *
 * <p>Entry type: {@link io.retort.settings.SettingsCodec}. Configuration files, a run's own {@code config.json}, resuming,
 * reproducing, provenance and the options of commands all go through it.
 *
 * <p>May import {@code files}. Everything here is immutable and may be used from any thread.
 */
package io.retort.settings;
