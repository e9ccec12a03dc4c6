/** The camera that looks for codes: its picture goes to a `<video>` and, frame by frame, to a reader. */
import { createCodeReader, type CodeReader } from '#lib/client/index.ts';
import { nameOf } from '../../app/describe-error.ts';
import { FrameMaker } from './frames.ts';

export type CameraState = 'off' | 'starting' | 'on' | 'refused' | 'absent' | 'busy';

/** Browsers that do not tell of new frames are looked at this often. */
const FRAME_MS = 50;

/** A lamp beside the lens; the types of the browser do not know it. */
interface WithTorch {
  readonly torch?: boolean;
}

export class Camera {
  state = $state<CameraState>('off');
  /** Whether the light is on; undefined where there is none. */
  light = $state<boolean>();
  readonly #onText: (text: string) => Promise<void>;
  /** Of the run that is under way; all others have ended. */
  #run: { stream?: MediaStream; reader?: CodeReader } | undefined;

  constructor(onText: (text: string) => Promise<void>) {
    this.#onText = onText;
  }

  /** Shows what the camera sees, and tells of every code in it, until it is stopped. */
  async start(video: HTMLVideoElement): Promise<void> {
    this.stop();
    this.state = 'starting';
    const run: { stream?: MediaStream; reader?: CodeReader } = (this.#run = {});
    try {
      const stream = await openCamera();
      run.stream = stream;
      if (this.#run !== run) return end(run);
      video.srcObject = stream;
      await video.play();
      run.reader = createCodeReader();
      if (this.#run !== run) return end(run);
      const [track] = stream.getVideoTracks();
      track?.addEventListener('ended', () => this.#run === run && this.#fail('busy'));
      const abilities = track?.getCapabilities?.() as WithTorch | undefined;
      this.light = abilities?.torch === true ? false : undefined;
      this.state = 'on';
      await this.#look(video, run.reader);
    } catch (error) {
      if (this.#run === run) this.#fail(stateOf(error));
    }
  }

  stop(): void {
    if (this.#run !== undefined) end(this.#run);
    this.#run = undefined;
    this.light = undefined;
    this.state = 'off';
  }

  async toggleLight(): Promise<void> {
    const [track] = this.#run?.stream?.getVideoTracks() ?? [];
    const wanted = this.light !== true;
    const constraint: MediaTrackConstraintSet & WithTorch = { torch: wanted };
    const isDone = await track?.applyConstraints({ advanced: [constraint] }).then(
      () => true,
      () => false,
    );
    if (isDone === true && track?.readyState === 'live') this.light = wanted;
  }

  async #look(video: HTMLVideoElement, reader: CodeReader): Promise<void> {
    const frames = new FrameMaker();
    const isOn = (): boolean => this.#run?.reader === reader;
    while (isOn()) {
      await nextFrame(video);
      if (!isOn()) return;
      const { videoWidth: width, videoHeight: height } = video;
      const text = await reader.read(frames.make(video, { width, height }), false);
      if (text !== undefined && isOn()) await this.#onText(text);
    }
  }

  #fail(state: CameraState): void {
    this.stop();
    this.state = state;
  }
}

async function openCamera(): Promise<MediaStream> {
  // Absent where the site is not served over HTTPS.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new DOMException('There is no camera.', 'NotFoundError');
  const video = { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } };
  return devices.getUserMedia({ video, audio: false });
}

function end({ stream, reader }: { stream?: MediaStream; reader?: CodeReader }): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
  reader?.close();
}

function stateOf(error: unknown): CameraState {
  const name = nameOf(error);
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'absent' : 'busy';
}

function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => resolve());
    else setTimeout(resolve, FRAME_MS);
  });
}
