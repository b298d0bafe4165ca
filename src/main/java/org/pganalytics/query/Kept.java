package org.pganalytics.query;

import java.time.Duration;

/** How long roll-ups are kept: what is older is not looked for in them. */
public record Kept(Duration minutes, Duration hours) {}
