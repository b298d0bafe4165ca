/**
 * What several servers on one database share: who of them leads, and how they tell each other that something changed.
 * What they do as leader or upon a notice does not belong here, but to the room whose work it is.
 */
package org.pganalytics.cluster;
