// Types that the web client shares, and those that TypeScript's libraries of 2022 do not know.

export interface ConnectionState {
    state: 'idle' | 'connecting' | 'online' | 'reconnecting' | 'refused' | 'ended';
    /** Why, as a code of docs/protocol.md §4, or '' where there is nothing to say. */
    code: string;
    /** Since the line was lost. */
    seconds: number;
    /** Seconds until the next try; 0 while one is being made. */
    /** Why the line was lost first, while it is away. */
    cause: string;
    retryIn: number;
}

export type CommandAnswer =
    | ({accepted: true; n?: number} & Record<string, unknown>)
    | {accepted: false; code: string};

declare global {
    // Audio worklets (Web Audio API §1.32).
    const sampleRate: number;
    const currentTime: number;
    class AudioWorkletProcessor {
        readonly port: MessagePort;
    }
    function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

    // WebCodecs, the audio half.
    interface AudioDataInit {
        format: string;
        sampleRate: number;
        numberOfFrames: number;
        numberOfChannels: number;
        timestamp: number;
        data: BufferSource;
    }
    class AudioData {
        constructor(init: AudioDataInit);
        readonly numberOfFrames: number;
        readonly numberOfChannels: number;
        readonly timestamp: number;
        copyTo(destination: BufferSource, options: {planeIndex: number; format?: string}): void;
        close(): void;
    }
    class EncodedAudioChunk {
        constructor(init: {type: 'key' | 'delta'; timestamp: number; data: BufferSource});
        readonly byteLength: number;
        readonly timestamp: number;
        copyTo(destination: BufferSource): void;
    }
    class AudioDecoder {
        constructor(init: {output: (sound: AudioData) => void; error: (error: Error) => void});
        readonly state: 'unconfigured' | 'configured' | 'closed';
        readonly decodeQueueSize: number;
        configure(configuration: object): void;
        decode(chunk: EncodedAudioChunk): void;
        close(): void;
    }
    class AudioEncoder {
        constructor(init: {output: (chunk: EncodedAudioChunk) => void; error: (error: Error) => void});
        readonly state: 'unconfigured' | 'configured' | 'closed';
        readonly encodeQueueSize: number;
        configure(configuration: object): void;
        encode(sound: AudioData): void;
        close(): void;
    }

    interface AudioContext {
        readonly outputLatency: number;
    }
}
