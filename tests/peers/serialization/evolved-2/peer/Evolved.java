package peer;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

class EvolvedBase implements Serializable {
  private static final long serialVersionUID = 1;
  int inherited = 4;
}

/** The newer version of a class. */
class Evolved extends EvolvedBase {
  private static final long serialVersionUID = 1;
  int kept;
  String keptToo;
  List<String> added = new ArrayList<>();

  Evolved(int kept, String keptToo) {
    this.kept = kept;
    this.keptToo = keptToo;
  }

  String common() {
    return kept + "," + keptToo;
  }
}
