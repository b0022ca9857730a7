import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.Member;
import org.apache.catalina.tribes.group.Response;
import org.apache.catalina.tribes.group.RpcCallback;
import org.apache.catalina.tribes.group.RpcChannel;
import org.apache.catalina.tribes.tipis.AbstractReplicatedMap;
import org.apache.catalina.tribes.tipis.LazyReplicatedMap;
import org.apache.catalina.tribes.tipis.ReplicatedMap;

/** Commands and events about calls and replicated maps (README.md). */
final class Maps {
  private static final long TIMEOUT = 5000;

  private final ChannelPeer peer;
  private final Channel channel;
  private final Map<String, AbstractReplicatedMap<String, Text>> maps = new HashMap<>();
  private final Map<String, RpcChannel> calls = new HashMap<>();

  Maps(ChannelPeer peer, Channel channel) {
    this.peer = peer;
    this.channel = channel;
    peer.add("map-start", this::start);
    peer.add("map-put", words -> text(map(words).put(words.get(1), new Text(words.get(2)))));
    peer.add("map-get", words -> text(map(words).get(words.get(1))));
    peer.add("map-append", this::append);
    peer.add("map-touch", words -> {
      map(words).replicate(words.get(1), false);
      return "";
    });
    peer.add("map-remove", words -> text(map(words).remove(words.get(1))));
    peer.add("map-entry", this::entry);
    peer.add("map-fill", this::fill);
    peer.add("map-right", words -> right(words, key -> {
      AbstractReplicatedMap.MapEntry<String, Text> entry = map(words).getInternal(key);
      return entry == null ? null : entry.getValue();
    }));
    peer.add("map-get-right", words -> right(words, key -> map(words).get(key)));
    peer.add("map-roles", this::roles);
    peer.add("map-members", words -> ports(map(words).getMapMembers()));
    peer.add("map-stop", words -> {
      maps.remove(words.get(0)).breakdown();
      return "";
    });
    peer.add("rpc-start", this::startCalls);
    peer.add("rpc-ask", this::ask);
  }

  /** map-start NAME lazy|full OPTIONS */
  private String start(List<String> words) {
    String name = words.get(0);
    ClassLoader[] loaders = {Maps.class.getClassLoader()};
    AbstractReplicatedMap.MapOwner owner = (key, value) -> peer.event("primary " + name + " " + key);
    AbstractReplicatedMap<String, Text> map = words.get(1).equals("lazy")
        ? new LazyReplicatedMap<>(owner, channel, TIMEOUT, name, loaders, true)
        : new ReplicatedMap<>(owner, channel, TIMEOUT, name, loaders, true);
    map.setChannelSendOptions(Integer.parseInt(words.get(2)));
    maps.put(name, map);
    return "";
  }

  private AbstractReplicatedMap<String, Text> map(List<String> words) {
    AbstractReplicatedMap<String, Text> map = maps.get(words.get(0));
    if (map == null) throw new IllegalArgumentException("no map " + words.get(0));
    return map;
  }

  private static String text(Text value) {
    return value == null ? "null" : value.toString();
  }

  /** map-append NAME KEY TEXT: get, change, replicate; the text afterwards. */
  private String append(List<String> words) {
    Text value = map(words).get(words.get(1));
    if (value == null) return "null";
    value.append(words.get(2));
    map(words).replicate(words.get(1), false);
    return value.toString();
  }

  /** map-fill NAME PREFIX COUNT: puts PREFIX0, PREFIX1 ... with the key as text. */
  private String fill(List<String> words) {
    for (int i = 0; i < Integer.parseInt(words.get(2)); i++) {
      String key = words.get(1) + i;
      map(words).put(key, new Text(key));
    }
    return "";
  }

  /** NAME PREFIX COUNT [MORE]: how many of the keys PREFIX0 ... have their own text, and MORE behind it. */
  private static String right(List<String> words, Function<String, Text> values) {
    String more = words.size() > 3 ? words.get(3) : "";
    int right = 0;
    for (int i = 0; i < Integer.parseInt(words.get(2)); i++) {
      String key = words.get(1) + i;
      if ((key + more).equals(text(values.apply(key)))) right++;
    }
    return Integer.toString(right);
  }

  /** map-roles NAME: "backup=1 primary=2", without the roles that no entry has. */
  private String roles(List<String> words) {
    Map<String, Integer> roles = new TreeMap<>();
    for (String key : map(words).keySetFull()) {
      AbstractReplicatedMap.MapEntry<String, Text> entry = map(words).getInternal(key);
      if (entry != null) roles.merge(role(entry), 1, Integer::sum);
    }
    StringBuilder text = new StringBuilder();
    roles.forEach((role, count) -> text.append(text.length() == 0 ? "" : " ").append(role).append('=').append(count));
    return text.toString();
  }

  private static String role(AbstractReplicatedMap.MapEntry<String, Text> entry) {
    return entry.isPrimary() ? "primary" : entry.isBackup() ? "backup" : entry.isProxy() ? "proxy" : "copy";
  }

  /** ROLE PRIMARY NODES TEXT ACCESSES DIFFS, without touching the entry. */
  private String entry(List<String> words) {
    AbstractReplicatedMap.MapEntry<String, Text> entry = map(words).getInternal(words.get(1));
    if (entry == null) return "none";
    Member primary = entry.getPrimary();
    Text value = entry.getValue();
    return role(entry) + " " + (primary == null ? "-" : primary.getPort()) + " " + ports(entry.getBackupNodes()) + " "
        + text(value) + " " + (value == null ? "0 0" : value.accesses() + " " + value.diffs());
  }

  private static String ports(Member[] members) {
    if (members == null || members.length == 0) return "-";
    int[] ports = new int[members.length];
    for (int i = 0; i < ports.length; i++) ports[i] = members[i].getPort();
    java.util.Arrays.sort(ports);
    StringBuilder text = new StringBuilder();
    for (int port : ports) text.append(text.length() == 0 ? "" : ",").append(port);
    return text.toString();
  }

  /** rpc-start ID: answers requests with "TEXT from PORT", "silent" with null. */
  private String startCalls(List<String> words) {
    String id = words.get(0);
    calls.put(id, new RpcChannel(id.getBytes(StandardCharsets.ISO_8859_1), channel, new RpcCallback() {
      @Override
      public Serializable replyRequest(Serializable message, Member sender) {
        peer.event("asked " + id + " " + sender.getPort() + " " + message);
        return "silent".equals(message) ? null : message + "-from-" + channel.getLocalMember(false).getPort();
      }

      @Override
      public void leftOver(Serializable message, Member sender) {
        peer.event("left-over " + id + " " + sender.getPort() + " " + message);
      }
    }));
    return "";
  }

  /** rpc-ask ID first|majority|all|none TIMEOUT TEXT: the answers of all members, "PORT:TEXT". */
  private String ask(List<String> words) throws Exception {
    int option = List.of("first", "majority", "all", "none").indexOf(words.get(1)) + 1;
    Response[] responses = calls.get(words.get(0)).send(channel.getMembers(), words.get(3), option,
        Channel.SEND_OPTIONS_DEFAULT, Long.parseLong(words.get(2)));
    StringBuilder text = new StringBuilder();
    for (Response one : responses) text.append(one.getSource().getPort()).append(':').append(one.getMessage()).append(' ');
    return text.toString().trim();
  }
}
