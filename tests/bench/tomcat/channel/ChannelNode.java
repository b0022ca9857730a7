import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.apache.catalina.tribes.ByteMessage;
import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.ChannelListener;
import org.apache.catalina.tribes.Member;
import org.apache.catalina.tribes.group.GroupChannel;
import org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor;
import org.apache.catalina.tribes.group.interceptors.TcpFailureDetector;
import org.apache.catalina.tribes.membership.McastService;
import org.apache.catalina.tribes.transport.ReplicationTransmitter;
import org.apache.catalina.tribes.transport.nio.NioReceiver;

/** A node of the channel bench: Tomcat's channel. Arguments and lines as in channel_serval.cpp and channel_node.h. */
public final class ChannelNode implements ChannelListener {
  private static final int WINDOW = 8;
  private static final int ASYNCHRONOUS = 8;

  private final AtomicLong received = new AtomicLong();
  private final GroupChannel channel = new GroupChannel();

  public static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.SEVERE);
    ChannelNode node = new ChannelNode(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
    node.channel.start(Channel.DEFAULT);
    System.out.println("ready");
    node.serve();
    System.exit(0);
  }

  private ChannelNode(int port, int group) {
    McastService membership = new McastService();
    membership.setBind("127.0.0.1");
    membership.setPort(group);
    membership.setDropTime(60000);
    NioReceiver receiver = new NioReceiver();
    receiver.setAddress("127.0.0.1");
    receiver.setPort(port);
    receiver.setAutoBind(1);
    ReplicationTransmitter sender = new ReplicationTransmitter();
    sender.getTransport().setTimeout(20000);
    MessageDispatchInterceptor dispatch = new MessageDispatchInterceptor();
    dispatch.setMaxQueueSize(8 << 20);
    channel.setMembershipService(membership);
    channel.setChannelReceiver(receiver);
    channel.setChannelSender(sender);
    channel.setJmxEnabled(false);
    channel.addInterceptor(dispatch);
    channel.addInterceptor(new TcpFailureDetector());
    channel.addChannelListener(this);
  }

  @Override
  public boolean accept(Serializable message, Member sender) {
    return true;
  }

  @Override
  public void messageReceived(Serializable message, Member sender) {
    received.incrementAndGet();
  }

  private void serve() throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      if (words[0].equals("send")) {
        System.out.println(send(Integer.parseInt(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]),
            Double.parseDouble(words[4])));
      } else if (words[0].equals("await")) {
        while (received.get() < Long.parseLong(words[1])) Thread.sleep(1);
        System.out.println(received.get());
      } else {
        System.out.println(channel.getMembers().length);
      }
    }
  }

  private long send(int size, int options, int receivers, double seconds) throws Exception {
    Member[] all = channel.getMembers();
    Arrays.sort(all, Comparator.comparingInt(Member::getPort));
    Member[] to = Arrays.copyOf(all, receivers);
    byte[] content = new byte[size];
    long end = System.nanoTime() + (long) (seconds * 1e9);
    AtomicLong count = new AtomicLong();
    Thread[] threads = new Thread[options == ASYNCHRONOUS ? 1 : WINDOW];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(() -> sendUntil(end, to, content, options, count));
      threads[i].start();
    }
    for (Thread thread : threads) thread.join();
    return count.get();
  }

  private void sendUntil(long end, Member[] to, byte[] content, int options, AtomicLong count) {
    try {
      for (; System.nanoTime() < end; count.incrementAndGet()) channel.send(to, new ByteMessage(content), options);
    } catch (Exception failure) {
      failure.printStackTrace();
      System.exit(1);
    }
  }
}
