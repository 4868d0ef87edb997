#!/usr/bin/perl
# A minimal home energy manager: one battery and one inverter of Sungrow, one Siemens PAC2200 at the grid connection.
# Zero at the meter with the battery, a limit of the feed-in from a file. It needs nothing but perl.
#
#   perl minimal.pl CONFIG      a line each: "pv HOST PORT UNIT RATED", "battery ...", "meter ...", "period S",
#                               "limit FILE" (percent of the inverter's rating, empty: none)
#
# "fault NAME" in CONFIG plants a mistake, for those who want to see it found: sign, release, reconnect.
use strict;
use warnings;
use IO::Socket::INET;

my (%device, %line, %sent, %lost);
my ($period, $limit_file, $fault) = (1, "limit", "");
open(my $config, "<", $ARGV[0]) or die "no configuration\n";
while (<$config>) {
    my ($key, @words) = split;
    next unless defined $key;
    if    ($key eq "period") { $period     = $words[0] }
    elsif ($key eq "limit")  { $limit_file = $words[0] }
    elsif ($key eq "fault")  { $fault      = $words[0] }
    else { $device{$key} = { host => $words[0], port => $words[1], unit => $words[2], rated => $words[3] } }
}
close $config;
$| = 1;

sub take {    # so many bytes of a connection, or nothing
    my ($socket, $size) = @_;
    my $data = "";
    while (length($data) < $size) {
        my $ready = "";
        vec($ready, fileno($socket), 1) = 1;
        return unless select($ready, undef, undef, 1);
        return unless sysread($socket, $data, $size - length($data), length($data));
    }
    return $data;
}

sub exchange {    # one Modbus request of a device; its answer, or nothing
    my ($name, $pdu) = @_;
    my $one = $device{$name};
    $line{$name} //= IO::Socket::INET->new(PeerAddr => $one->{host}, PeerPort => $one->{port}, Timeout => 1);
    my $answer;
    if (my $socket = $line{$name}) {
        syswrite($socket, pack("nnnC", 1, 0, length($pdu) + 1, $one->{unit}) . $pdu);
        my $head = take($socket, 7);
        $answer = take($socket, (unpack("nnnC", $head))[2] - 1) if $head;
    }
    if (!defined $answer) {
        close(delete $line{$name}) if $line{$name};
        delete @sent{ grep { /^$name / } keys %sent };    # who comes back may have forgotten everything
        $lost{$name} = 1;
        return;
    }
    return ord($answer) & 0x80 ? undef : $answer;
}

sub registers {
    my ($name, $function, $address, $count) = @_;
    my $answer = exchange($name, pack("Cnn", $function, $address, $count)) // return;
    return unpack("x2n*", $answer);
}

sub set {    # a register, when it holds something else
    my ($name, $address, $value) = @_;
    my $key = "$name $address";
    return if defined $sent{$key} && $sent{$key} == $value;
    $sent{$key} = $value if exchange($name, pack("Cnn", 6, $address, $value));
}

sub limit {    # percent of the rating that may be fed, or nothing
    open(my $file, "<", $limit_file) or return;
    my $text = <$file> // "";
    return $text =~ /^(\d+)/ ? $1 : undef;
}

my ($setpoint, $limited, $turn) = (0, 0, 0);
print "running\n";
while (1) {
    my @words = registers("meter", 3, 65, 2);
    if (@words) {
        my $grid = unpack("f>", pack("n2", @words));    # W, import positive
        if (my $battery = $device{battery}) {
            $setpoint += 0.6 * $grid * ($fault eq "sign" ? -1 : 1);
            my $most = $battery->{rated};
            $setpoint = $most if $setpoint > $most;
            $setpoint = -$most if $setpoint < -$most;
            set("battery", 13049, 2);
            set("battery", 13051, int(abs($setpoint)));
            set("battery", 13050, $setpoint > 0 ? 0xBB : 0xAA);
        }
        my ($low, $high) = registers("pv", 4, 5030, 2);
        my $most = limit();
        if (defined $most && defined $low && $fault eq "reconnect" && $lost{pv}) { }
        elsif (defined $most && defined $low) {
            my $rated = $device{pv}{rated};
            my $power = $low + 65536 * $high;
            my $allowed = $power + $grid + $most / 100 * $rated;
            $allowed = $most / 100 * $rated if $allowed < $most / 100 * $rated;
            $allowed = $rated if $allowed > $rated;
            set("pv", 5006, 0xAA);
            set("pv", 5007, int($allowed / $rated * 1000));
            $limited = 1;
        }
        elsif ($limited && $fault ne "release") {
            set("pv", 5007, 1000);
            $limited = 0;
        }
    }
    # what a device has forgotten while nobody looked is told again
    %sent = () if ++$turn % 10 == 0;
    select(undef, undef, undef, $period);
}
