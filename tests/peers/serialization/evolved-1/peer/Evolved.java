package peer;

import java.io.Serializable;

/** The older version of a class; the newer one has another field, another super class and one field less. */
class Evolved implements Serializable {
  private static final long serialVersionUID = 1;
  int kept;
  String keptToo;
  long dropped;

  Evolved(int kept, String keptToo) {
    this.kept = kept;
    this.keptToo = keptToo;
    this.dropped = kept * 3L;
  }

  /** What both versions have. */
  String common() {
    return kept + "," + keptToo;
  }
}
