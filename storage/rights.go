package storage

// Rights are the least that a user of Redis needs, in the words of ACL SETUSER: our keys, our channels, and each
// command that the store and its scripts use. The last line is for a Cluster alone. A test holds the whole
// contract of the store to it; docs/store.md repeats it.
const Rights = "~gk:* &gk:* -@all +ping +info +select +client|setname +subscribe +unsubscribe +publish " +
	"+eval +evalsha +wait +get +mget +set +getrange +exists +incr " +
	"+hget +hset +hdel +hincrby +pexpire +sadd +srem +smembers +sscan +zadd +zrem +zscore +zmscore +zrank +zcard " +
	"+zrange +zrevrange +zrangebyscore +zremrangebyscore +zremrangebyrank " +
	"+cluster|slots"
